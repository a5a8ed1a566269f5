import * as z from 'zod/mini';
import {
  addDays,
  DEFAULT_TIME_ZONE,
  existsIn,
  instantOf,
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
  .check(z.describe('The same wall time wherever its user is: `timeZone` follows that of their preferences.'));
/** What is sent of a zone is not looked at: whoever sends back what they got sends one. */
const floating = { floating: floatingSchema, timeZone: z.optional(timeZoneSchema) };

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
  .check(
    z.superRefine((due, context) => {
      if ('floating' in due) return;
      const [field, local] = 'date' in due ? ['date', due.date] : ['dateTime', due.dateTime];
      if (!existsIn(due.timeZone, local)) {
        context.addIssue({
          code: 'custom',
          path: [field],
          message: `Does not exist in ${due.timeZone}, where the clocks skip it: choose another time.`,
        });
      }
    }),
  )
  .register(z.globalRegistry, {
    id: 'NewDue',
    description: 'A whole day, or a wall time, in a zone of the IANA database or floating.',
  });

export type NewDue = z.output<typeof newDueSchema>;

const located = { ...zoned, floating: z.exactOptional(floatingSchema) };

/** When a task is due: as it was sent, a floating time in the zone that its user is in. */
export const dueSchema = z
  .union([z.strictObject({ ...day, ...located }), z.strictObject({ ...wallTime, ...located })])
  .register(z.globalRegistry, {
    id: 'Due',
    description: 'A whole day, or a wall time, in a zone of the IANA database.',
  });

export type Due = z.output<typeof dueSchema>;
/** A zone of the IANA database; `floating`: as long as its user is there. */
export type Zone = Pick<Due, 'timeZone' | 'floating'>;

/** A due time in a zone: a floating one in `userZone`, where its user is, any other in its own. */
export function inZone(due: NewDue, userZone: string = DEFAULT_TIME_ZONE): Due {
  const zone: Zone = 'floating' in due ? { timeZone: userZone, floating: true } : { timeZone: due.timeZone };
  return toDue('date' in due ? due.date : due.dateTime, zone);
}

/** The nominal local time of a due time: a date alone for an all-day task. */
export function localOf(due: Due): string {
  return 'date' in due ? due.date : due.dateTime;
}

/** The due time at a local date or date-time of a zone. */
export function toDue(local: string, zone: Zone): Due {
  return local.includes('T') ? { dateTime: local, ...zoneOf(zone) } : { date: local, ...zoneOf(zone) };
}

/** The zone of a due time, or of anything else that has one. */
export function zoneOf({ timeZone, floating: floats }: Zone): Zone {
  return floats ? { timeZone, floating: true } : { timeZone };
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
