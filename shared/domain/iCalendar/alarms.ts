import { ALL_DAY_REMINDER_TIME } from '../due.ts';
import { leadOf, type Reminder } from '../reminder.ts';
import { component } from './contentLines.ts';
import { utcValue } from './dateTimes.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** Reminders at instants. `summary`, a TEXT value, is what they show. */
export function taskAlarms(remindAt: readonly string[], summary: string): string[] {
  return remindAt.flatMap((instant) => alarm(`TRIGGER;VALUE=DATE-TIME:${utcValue(new Date(instant))}`, summary));
}

/** The reminders of every occurrence of a series, relative to it. */
export function seriesAlarms(reminders: readonly Reminder[], allDay: boolean, summary: string): string[] {
  return reminders.flatMap((reminder) =>
    'before' in reminder ? alarm(`TRIGGER:${trigger(reminder, allDay)}`, summary) : [],
  );
}

/** It stands within what it reminds of; elsewhere it would be nobody's (nextcloud/tasks#2757). */
function alarm(triggerLine: string, summary: string): string[] {
  return component('VALARM', ['ACTION:DISPLAY', triggerLine, `DESCRIPTION:${summary}`]);
}

/** A lead as a duration from the occurrence (RFC 5545 3.3.6); a day begins at midnight, but is announced in the morning. */
function trigger(reminder: { before: string }, allDay: boolean): string {
  const { days, exact } = leadOf(reminder.before);
  if (!allDay) return `-${durationValue(days, exact)}`;
  const morning = Date.parse(`1970-01-01T${ALL_DAY_REMINDER_TIME}Z`);
  const fromMidnight = morning - days * DAY_MS - exact;
  const length = Math.abs(fromMidnight);
  return `${fromMidnight < 0 ? '-' : ''}${durationValue(Math.floor(length / DAY_MS), length % DAY_MS)}`;
}

function durationValue(days: number, milliseconds: number): string {
  const seconds = milliseconds / 1000;
  const parts = { H: Math.floor(seconds / 3600), M: Math.floor(seconds / 60) % 60, S: seconds % 60 };
  const { H, M, S } = parts;
  // Hours and seconds with no minutes between them are not allowed.
  const time = [H && `${H}H`, (M || (H && S)) && `${M}M`, S && `${S}S`].filter(Boolean).join('');
  const date = days > 0 ? `${days}D` : '';
  return date + time === '' ? 'PT0S' : `P${date}${time && `T${time}`}`;
}
