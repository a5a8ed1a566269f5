import { dueInstant } from './due.ts';
import { type Calendar, dueOf, isAllDay, type Occurrence, type Rule, readRule, WEEKDAYS } from './recurrence.ts';
import { changed, creationLead, isComplete, requireGoingOn, type Series, withCount } from './series.ts';
import { addDays, dateOf, localDateOf } from './time.ts';

type Engine = Pick<typeof import('./occurrences.ts'), 'latestOccurrence' | 'nextOccurrence'>;

/** Instances that one series gets at once: what is due beyond that gets its turn at the cron's next tick. */
export const INSTANCES_AT_ONCE = 100;

/** An occurrence that gets an instance, and how many before it get none. */
export interface Slot extends Occurrence {
  passedOver: number;
}

/**
 * What a series that has a next occurrence comes to at `now`: the slots that get an instance, in order, and the series
 * after that. A slot gets its instance before its time, by its lead; of those whose time has passed, the ones that
 * `missed` says; one at a time, where others must wait until that one is done.
 */
export async function advanced(series: Series, now: Date): Promise<{ slots: Slot[]; series: Series }> {
  const { calendar, choices, next, template } = series;
  if (!next) throw new Error(`series ${series.id} has no next occurrence`);
  if (choices.mode === 'after_completion') {
    const ends = isComplete(calendar, series.made + 1);
    return { slots: [{ ...next, passedOver: 0 }], series: withInstances(series, [next], now, { next: null, ends }) };
  }
  const engine = await import('./occurrences.ts');
  const until = new Date(now.getTime() + creationLead(template.reminders));
  const { first, passedOver } = firstOf(engine, series, next, now);
  const most = choices.overlap === 'allow' ? INSTANCES_AT_ONCE : 1;
  const slots: Slot[] = [];
  let candidate = first;
  while (candidate && candidate.at <= until && slots.length < most) {
    slots.push({ ...candidate, passedOver: slots.length === 0 ? passedOver : 0 });
    candidate = engine.nextOccurrence(calendar, candidate.local);
  }
  const after = withInstances(series, slots, now, { next: candidate, ends: candidate === null });
  return { slots, series: { ...after, passedOver: series.passedOver + passedOver } };
}

function withInstances(
  series: Series,
  slots: readonly Occurrence[],
  now: Date,
  { next, ends }: { next: Occurrence | null; ends: boolean },
): Series {
  return changed(series, now, {
    next,
    last: slots.at(-1)?.local ?? series.last,
    made: series.made + slots.length,
    ...(ends && { state: 'ended' }),
  });
}

/** The first slot from `next` on that is to get an instance, and how many before it are not. */
function firstOf(engine: Engine, { calendar, choices }: Series, next: Occurrence, now: Date) {
  if (choices.missed === 'all') return { first: next, passedOver: 0 };
  if (choices.missed === 'skip') return firstAhead(engine, calendar, next, now);
  const latest = engine.latestOccurrence(calendar, next.local, now);
  return { first: latest?.occurrence ?? next, passedOver: latest?.passedOver ?? 0 };
}

/**
 * The first occurrence from `from` on whose time has not passed (of an all-day one: whose day is not over), null where
 * the rule has ended by then, and how many before it have passed.
 */
export function firstAhead(
  { latestOccurrence, nextOccurrence }: Engine,
  calendar: Calendar,
  from: Occurrence,
  now: Date,
): { first: Occurrence | null; passedOver: number } {
  const latest = latestOccurrence(calendar, from.local, now);
  if (!latest) return { first: from, passedOver: 0 };
  const { occurrence, passedOver } = latest;
  if (isAhead(occurrence, calendar.timeZone, now)) return { first: occurrence, passedOver };
  return { first: nextOccurrence(calendar, occurrence.local), passedOver: passedOver + 1 };
}

/** Whether the time of an occurrence has not passed; of an all-day one, whether its day is not over. */
export function isAhead(occurrence: Occurrence, timeZone: string, now: Date): boolean {
  return dueInstant(dueOf(occurrence, { timeZone })) > now;
}

/** A series that counts from completions, of which the instance of `slot` was done at `now`. */
export async function doneAt(series: Series, slot: string, now: Date): Promise<Series> {
  const doneOn = localDateOf(now, series.calendar.timeZone);
  const behind = series.last !== null && series.last > slot ? series.last : slot;
  const next = await nextAfterCompletion(series, { doneOn, slot, behind });
  return changed(series, now, { doneOn, next, ...(next === null && { state: 'ended' }) });
}

/** The day on which an instance was done, its slot, and the one that nothing may come before or at. */
export interface Completion {
  doneOn: string;
  slot: string;
  behind: string;
}

/**
 * The next occurrence of a series that counts from completions: the first match of its rule, begun anew on the local day
 * of the completion, that is later than that day and than every day that had its turn. With an interval of several weeks
 * (months, years), the rest of the period in which it was done late is no match: "every 4 weeks on Sunday", done on a
 * Wednesday, is not due four days later (obsidian-tasks-group/obsidian-tasks#609).
 */
export async function nextAfterCompletion(
  { calendar, made }: Pick<Series, 'calendar' | 'made'>,
  { doneOn, slot, behind }: Completion,
): Promise<Occurrence | null> {
  if (isComplete(calendar, made)) return null;
  const { nextOccurrence } = await import('./occurrences.ts');
  const { rule } = readRule(calendar.rule);
  if (!rule) throw new RangeError(`Not a rule that was checked: ${calendar.rule}`);
  const lastOfPeriod = lastDayOfPeriod(rule, doneOn);
  const isLate = rule.INTERVAL > 1 && lastOfPeriod !== lastDayOfPeriod(rule, dateOf(slot));
  const after = [isLate ? lastOfPeriod : doneOn, dateOf(behind)].sort().at(-1) ?? doneOn;
  return nextOccurrence(begunOn(calendar, doneOn), endOf(after, calendar));
}

/** The calendar that `next` of a series is an occurrence of. */
export function countedBy({ calendar, choices, doneOn }: Series): Calendar {
  return choices.mode === 'fixed' ? calendar : begunOn(calendar, doneOn ?? dateOf(calendar.start));
}

/** A calendar as it is counted from another day: at the same wall time, and without a COUNT. */
export function begunOn(calendar: Calendar, date: string): Calendar {
  const time = calendar.start.slice(dateOf(calendar.start).length);
  return { ...calendar, rule: withCount(calendar.rule, null), start: `${date}${time}` };
}

/** The last nominal local time of a day in a calendar: what comes strictly after it comes on a later day. */
export function endOf(date: string, { start }: Pick<Calendar, 'start'>): string {
  return isAllDay(start) ? date : `${date}T23:59:59`;
}

function lastDayOfPeriod({ FREQ, WKST }: Rule, date: string): string {
  switch (FREQ) {
    case 'DAILY':
      return date;
    case 'WEEKLY': {
      const weekday = new Date(date).getUTCDay() + 6;
      return addDays(date, 6 - ((weekday - WEEKDAYS.indexOf(WKST) + 7) % 7));
    }
    case 'MONTHLY': {
      const day = new Date(date);
      // Day 0 of the next month is the last of this one.
      return dateOf(new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 0)).toISOString());
    }
    case 'YEARLY':
      return `${date.slice(0, 'YYYY'.length)}-12-31`;
  }
}

/** The series, making no instances until it is resumed. Paused already, it stays as it is. Throws where it has ended. */
export function paused(series: Series, now: Date): Series {
  requireGoingOn(series);
  return series.state === 'active' ? changed(series, now, { state: 'paused' }) : series;
}

/** The series, making no instances any more. Ended already, it stays as it is. */
export function ended(series: Series, now: Date): Series {
  return series.state === 'ended' ? series : changed(series, now, { state: 'ended', next: null });
}

/**
 * The series, going on with the first slot that is ahead: those that came while it was paused are passed over. It stays
 * as it is unless it was paused. Throws where it has ended.
 */
export async function resumed(series: Series, now: Date): Promise<Series> {
  requireGoingOn(series);
  if (series.state !== 'paused') return series;
  if (!series.next) return changed(series, now, { state: 'active' });
  const { first, passedOver } = firstAhead(await import('./occurrences.ts'), countedBy(series), series.next, now);
  return changed(series, now, {
    next: first,
    passedOver: series.passedOver + passedOver,
    state: first ? 'active' : 'ended',
  });
}
