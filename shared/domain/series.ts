import type { Due } from './due.ts';
import type { Calendar, Occurrence, Recurrence } from './recurrence.ts';
import { longestLead, type Reminder } from './reminder.ts';

/** The cron that makes instances ticks once an hour: one tick must fall between an instance's making and its slot. */
const CRON_PERIOD_MS = 60 * 60 * 1000;

/** How far along a series is. */
export interface Progress {
  /** The occurrence that becomes an instance now. */
  slot: Occurrence;
  /** The one after it; null where the rule ends. */
  next: Occurrence | null;
  /** Occurrences before `slot` that get no instance of their own. */
  passedOver: number;
}

/** The calendar of a recurring task that is first due at `due`, and its first occurrences. Rejects a bad rule. */
export async function startSeries(due: Due, recurrence: Recurrence): Promise<{ calendar: Calendar } & Progress> {
  const { checkRule, nextOccurrence } = await import('./occurrences.ts');
  const calendar = { ...recurrence, start: localOf(due), timeZone: due.timeZone };
  const slot = checkRule(calendar, '/recurrence/rule');
  return { calendar, slot, next: nextOccurrence(calendar, slot.local), passedOver: 0 };
}

/**
 * What a series whose next occurrence is `from` comes to at `now`: the most recent occurrence that is due, those before
 * it passed over; or, where none is due yet, the next one, ahead of its time.
 */
export async function advanceTo(calendar: Calendar, from: Occurrence, now: Date): Promise<Progress> {
  const { latestOccurrence, nextOccurrence } = await import('./occurrences.ts');
  const latest = latestOccurrence(calendar, from.local, now);
  const slot = latest?.occurrence ?? from;
  return { slot, next: nextOccurrence(calendar, slot.local), passedOver: latest?.passedOver ?? 0 };
}

/** How long before its slot an instance must exist, in milliseconds, so that none of its reminders is missed. */
export function creationLead(reminders: readonly Reminder[]): number {
  return longestLead(reminders) + CRON_PERIOD_MS;
}

/** The nominal local time of a due time: a date alone for an all-day task. */
export function localOf(due: Due): string {
  return 'date' in due ? due.date : due.dateTime;
}
