import { type Calendar, isAllDay, type Occurrence, readRule } from '../recurrence.ts';
import { addDays, dateOf, localDateOf, localDateTimeOf } from '../time.ts';
import { rruleOf } from './rrule.ts';

/** Of a series that no RRULE tells, so many times are listed: a year of months. */
const LISTED_TIMES = 12;

/** The times of a series that a calendar shows: local dates or date-times, and how they go on. */
export interface Schedule {
  /** The first one; the rule names it, and holds from there. */
  start: string;
  rule: string | null;
  /** Times beside those of the rule; without a rule, all of them. */
  rdates: readonly string[];
  /** Times of the rule that are left out. */
  exdates: readonly string[];
}

/** A series that goes on: its next occurrence, and which from there on have an instance already. */
export interface OngoingSeries {
  calendar: Calendar;
  next: Occurrence;
  taken: readonly string[];
}

/** How many questions the recurrence engine may still be asked, which take it milliseconds each. */
export interface Effort {
  left: number;
}

class TooMuchEffort extends Error {}

/**
 * The times of a series that are ahead and have no instance yet; null where there are none. Most series need no engine:
 * their next occurrence is stored, and the rule holds from there. Where `effort` does not suffice, that one stands alone.
 */
export async function scheduleOf(series: OngoingSeries, now: Date, effort: Effort): Promise<Schedule | null> {
  const { timeZone } = series.calendar;
  const { local } = series.next;
  const today = isAllDay(local) ? localDateOf(now, timeZone) : localDateTimeOf(now, timeZone);
  try {
    return await workedOut(series, today, effort);
  } catch (error) {
    if (!(error instanceof TooMuchEffort)) throw error;
    return local > today && !series.taken.includes(local) ? listed([local]) : null;
  }
}

/** A schedule behind `now`, a local date or date-time. */
async function workedOut({ calendar, next, taken }: OngoingSeries, now: string, effort: Effort) {
  const { rdates } = calendar;
  const leftOut = new Set([...calendar.exdates, ...taken]);
  const others = rdates.filter((local) => local > now && local >= next.local && !leftOut.has(local));
  // The rule alone: how it goes on can't be told from a time that stands beside it.
  const ruled = { ...calendar, exdates: [], rdates: [] };

  const isStored = next.local > now && !leftOut.has(next.local) && !rdates.includes(next.local);
  const behind = next.local > now ? next.local : now;
  const start = isStored ? next.local : (await timesAfter(ruled, behind, { count: 1, leftOut, effort }))[0];
  if (start === undefined) return listed(others);
  const ends = readRule(calendar.rule).rule?.COUNT !== undefined;
  const last = ends ? await ask(effort, ({ lastOfCount }) => lastOfCount(ruled)) : null;
  const rule = rruleOf(ruled, last);
  if (rule) {
    const isOfRule = await namesOf(ruled, start, [...leftOut, ...others], effort);
    const exdates = [...leftOut].filter((local) => isOfRule.has(local)).sort();
    return { start, rule, rdates: others.filter((local) => !isOfRule.has(local)), exdates };
  }
  const following = await timesAfter(ruled, start, { count: LISTED_TIMES - 1, leftOut, effort });
  return listed([start, ...following, ...others]);
}

/** Times without a rule. */
function listed(locals: readonly string[]): Schedule | null {
  const [start, ...others] = [...new Set(locals)].sort();
  if (start === undefined) return null;
  // With the first one, too: ical.js passes DTSTART over where there are dates.
  return { start, rule: null, rdates: others.length > 0 ? [start, ...others] : [], exdates: [] };
}

interface Search {
  count: number;
  leftOut: ReadonlySet<string>;
  effort: Effort;
}

/** At most `count` times of a calendar behind a local time that are not left out. */
function timesAfter(calendar: Calendar, behind: string, { count, leftOut, effort }: Search): Promise<string[]> {
  return ask(effort, ({ localTimesAfter }) => {
    const found: string[] = [];
    for (const local of localTimesAfter(calendar, behind)) {
      if (!leftOut.has(local)) found.push(local);
      if (found.length === count) break;
    }
    return found;
  });
}

/**
 * Which of some local times a rule names from a start on: ical.js, and so Thunderbird, shows twice what is added to a
 * rule that has it, and shows all that come after a time which is left out but not of the rule.
 */
async function namesOf(calendar: Calendar, start: string, locals: readonly string[], effort: Effort) {
  if (locals.length === 0) return new Set();
  return ask(effort, ({ nextOccurrence }) => {
    const dayBefore = (local: string) => addDays(dateOf(local), -1) + local.slice(dateOf(local).length);
    const isNamed = (local: string) => nextOccurrence(calendar, dayBefore(local))?.local === local;
    return new Set(locals.filter((local) => local >= start && isNamed(local)));
  });
}

type Engine = typeof import('../occurrences.ts');

async function ask<T>(effort: Effort, question: (engine: Engine) => T): Promise<T> {
  if (effort.left === 0) throw new TooMuchEffort();
  effort.left -= 1;
  return question(await import('../occurrences.ts'));
}
