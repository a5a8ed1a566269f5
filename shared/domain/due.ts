import * as z from 'zod';
import {
  addDays,
  existsIn,
  instantOf,
  localDateSchema,
  localDateTimeSchema,
  startOfDay,
  timeZoneSchema,
} from './time.ts';

/** People plan their day after breakfast: what is due on a day without a time is announced then, local time. */
export const ALL_DAY_REMINDER_TIME = '09:00:00';

const allDayDueSchema = z.strictObject({ date: localDateSchema, timeZone: timeZoneSchema });
const timedDueSchema = z.strictObject({ dateTime: localDateTimeSchema, timeZone: timeZoneSchema });

/** When a task is due: on a whole day, or at a wall time, in a zone. A day or time that the zone skips is refused. */
export const dueSchema = z
  .union([allDayDueSchema, timedDueSchema])
  .superRefine((due, context) => {
    const [field, local] = 'date' in due ? ['date', due.date] : ['dateTime', due.dateTime];
    if (!existsIn(due.timeZone, local)) {
      context.addIssue({
        code: 'custom',
        path: [field],
        message: `Does not exist in ${due.timeZone}, where the clocks skip it: choose another time.`,
      });
    }
  })
  .meta({ id: 'Due', description: 'A whole day, or a wall time, in a zone of the IANA database.' });

export type Due = z.output<typeof dueSchema>;

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
