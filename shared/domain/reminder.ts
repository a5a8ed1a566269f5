import * as z from 'zod/mini';
import { type Due, reminderAnchorTime } from './due.ts';
import { invalid } from './errors.ts';
import { addDays, dateOf, instantOf, instantSchema, localDateTimeOf } from './time.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A year, leap years included: for what is further off, a task of its own is the better reminder. */
const LONGEST_LEAD = 366 * DAY;
/** No zone has set its clocks back further since 1970 (Antarctica/Vostok, 1994). */
const LARGEST_SET_BACK = 7 * HOUR;
/** A reminder that an outage held up is still news after a night, but noise when its day has passed. */
export const REMINDER_GRACE_MS = 24 * HOUR;

const DURATION = /^P(?:(\d{1,3})W)?(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,8})S)?)?$/;

/** A time span whose days are calendar days, as RFC 5545 3.3.6 counts them, and whose rest is exact, in ms. */
export interface Lead {
  days: number;
  exact: number;
}

/** A duration of ISO 8601, zero or more, in weeks, days, hours, minutes and seconds: what a calendar can subtract. */
const durationSchema = z.string().check(
  z.superRefine((text, context) => {
    const lead = parseLead(text);
    const problem = lead ? problemOfLength(lead) : problemOfForm(text);
    if (problem) context.addIssue({ code: 'custom', message: problem });
  }),
);

/** When to remind: at an instant, or so long before the task's due time. */
export const reminderSchema = z
  .union([z.strictObject({ at: instantSchema }), z.strictObject({ before: durationSchema })])
  .register(z.globalRegistry, {
    id: 'Reminder',
    description: 'At an instant, or an ISO 8601 duration before the due time.',
  });

export type Reminder = z.output<typeof reminderSchema>;

/** Until when a reminder is put off: an instant, or so long from now. */
export const snoozeSchema = z
  .union([z.strictObject({ until: instantSchema }), z.strictObject({ for: durationSchema })])
  .register(z.globalRegistry, {
    id: 'Snooze',
    description: 'An instant that is ahead, or an ISO 8601 duration from now.',
  });

export type Snooze = z.output<typeof snoozeSchema>;

/** When a reminder is to be sent. Refused (`invalid`) if it is relative and there is no due time. */
export function remindAt(reminder: Reminder, due: Due | null): Date {
  if ('at' in reminder) return new Date(reminder.at);
  if (!due) throw invalid({ pointer: '/due', detail: 'A reminder before the due time needs a due time.' });
  const { days, exact } = leadOf(reminder.before);
  const local = moveByDays(reminderAnchorTime(due), -days);
  return new Date(instantOf(local, due.timeZone, 'shift').getTime() - exact);
}

/** When a reminder that is put off at `now` is to be sent; `timeZone` says what a day is. Refused unless it is ahead. */
export function snoozedUntil(snooze: Snooze, now: Date, timeZone: string): Date {
  const until = 'until' in snooze ? new Date(snooze.until) : after(leadOf(snooze.for), now, timeZone);
  const pointer = 'until' in snooze ? '/until' : '/for';
  if (until <= now) throw invalid({ pointer, detail: 'Must be ahead: a reminder is put off until later.' });
  if (until.getTime() - now.getTime() > LONGEST_LEAD) throw invalid({ pointer, detail: 'Must be within 366 days.' });
  return until;
}

/** How long before its due time a task's first relative reminder can lie: an upper bound in ms, 0 if it has none. */
export function longestLead(reminders: readonly Reminder[]): number {
  const leads = reminders.map((reminder) => {
    if ('at' in reminder) return 0;
    const { days, exact } = leadOf(reminder.before);
    return days * DAY + exact + (days > 0 ? LARGEST_SET_BACK : 0);
  });
  return Math.max(0, ...leads);
}

/** Whether a reminder is so late that it is recorded, not sent. */
export function isExpired(at: Date, now: Date): boolean {
  return now.getTime() - at.getTime() > REMINDER_GRACE_MS;
}

function after({ days, exact }: Lead, now: Date, timeZone: string): Date {
  if (days === 0) return new Date(now.getTime() + exact);
  const sameTime = instantOf(moveByDays(localDateTimeOf(now, timeZone), days), timeZone, 'shift');
  return new Date(sameTime.getTime() + now.getMilliseconds() + exact);
}

function moveByDays(local: string, days: number): string {
  return local.replace(dateOf(local), (date) => addDays(date, days));
}

/** A duration as a lead. Throws where it was not checked. */
export function leadOf(duration: string): Lead {
  const lead = parseLead(duration);
  if (!lead) throw new RangeError(`Not a duration: ${duration}`);
  return lead;
}

function parseLead(text: string): Lead | null {
  const match = DURATION.exec(text);
  if (!match || !/\d[A-Z]$/.test(text)) return null;
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((digits) => Number(digits ?? 0));
  return { days: weeks * 7 + days, exact: hours * HOUR + minutes * MINUTE + seconds * SECOND };
}

function problemOfLength({ days, exact }: Lead): string | null {
  return days * DAY + exact > LONGEST_LEAD ? 'Must be at most 366 days.' : null;
}

function problemOfForm(text: string): string {
  if (/^-/.test(text)) return 'Must not be negative.';
  if (/^P[^T]*[YM]/.test(text)) return 'Years and months differ in length: give weeks or days.';
  if (/\d[.,]\d/.test(text)) return 'Must have whole numbers: PT90M, not PT1.5H.';
  return 'Must be an ISO 8601 duration of at most 366 days, like P1D, PT30M, P1DT2H or P1W.';
}
