import * as z from 'zod';
import {
  addDays,
  DEFAULT_TIME_ZONE,
  instantOf,
  localDateOf,
  localDateSchema,
  localDateTimeSchema,
  startOfDay,
  timeZoneSchema,
} from './time.ts';

/** People plan their day after breakfast: what is due on a day without a time is announced then, local time. */
export const ALL_DAY_REMINDER_TIME = '09:00:00';

const day = { date: localDateSchema };
const wallTime = { dateTime: localDateTimeSchema };
const zoned = { timeZone: timeZoneSchema };
const floatingSchema = z
  .literal(true)
  .describe('The same wall time wherever its user is: `timeZone` follows that of their preferences.');
/** What is sent of a zone is not looked at: whoever sends back what they got sends one. */
const floating = { floating: floatingSchema, timeZone: timeZoneSchema.optional() };

/**
 * A due time as a client sends it: a whole day, or a wall time, in a zone or floating (RFC 5545 3.3.5, form 1). A day or
 * time that its zone skips is refused.
 */
export const newDueSchema = z
  .union([
    z.strictObject({ ...day, ...zoned }),
    z.strictObject({ ...wallTime, ...zoned }),
    z.strictObject({ ...day, ...floating }),
    z.strictObject({ ...wallTime, ...floating }),
  ])
  .superRefine((due, context) => {
    if ('floating' in due) return;
    const [field, skipped] =
      'date' in due
        ? ['date', localDateOf(startOfDay(due.date, due.timeZone), due.timeZone) !== due.date]
        : ['dateTime', instantOf(due.dateTime, due.timeZone, 'reject') === null];
    if (skipped) {
      context.addIssue({
        code: 'custom',
        path: [field],
        message: `Does not exist in ${due.timeZone}, where the clocks skip it: choose another time.`,
      });
    }
  })
  .meta({ id: 'NewDue', description: 'A whole day, or a wall time, in a zone of the IANA database or floating.' });

export type NewDue = z.output<typeof newDueSchema>;

const located = { ...zoned, floating: floatingSchema.exactOptional() };

/** When a task is due: as it was sent, a floating time in the zone that its user is in. */
export const dueSchema = z
  .union([z.strictObject({ ...day, ...located }), z.strictObject({ ...wallTime, ...located })])
  .meta({ id: 'Due', description: 'A whole day, or a wall time, in a zone of the IANA database.' });

export type Due = z.output<typeof dueSchema>;

/** A due time in a zone: a floating one in `userZone`, where its user is, any other in its own. */
export function inZone(due: NewDue, userZone: string = DEFAULT_TIME_ZONE): Due {
  const zone = 'floating' in due ? { timeZone: userZone, floating: true as const } : { timeZone: due.timeZone };
  return 'date' in due ? { date: due.date, ...zone } : { dateTime: due.dateTime, ...zone };
}

/** The instant from which an open task is overdue: its due time, or the end of its due day. */
export function dueInstant(due: Due): Date {
  if ('date' in due) return startOfDay(addDays(due.date, 1), due.timeZone);
  return instantOf(due.dateTime, due.timeZone, 'shift');
}

/** The wall time from which a task's relative reminders are counted back: its due time, or a morning hour of its day. */
export function reminderAnchorTime(due: Due): string {
  return 'date' in due ? `${due.date}T${ALL_DAY_REMINDER_TIME}` : due.dateTime;
}

/** The instant from which a task's relative reminders are counted back. */
export function reminderAnchor(due: Due): Date {
  return instantOf(reminderAnchorTime(due), due.timeZone, 'shift');
}
