import { RRuleTemporal } from 'rrule-temporal';
import { type Fault, invalid } from './errors.ts';
import { type Calendar, isAllDay, type Occurrence, type Rule, readRule } from './recurrence.ts';
import { weekdayOf, withPartsOfStart } from './ruleParts.ts';
import {
  addDays,
  dateOf,
  dayOf,
  EARLIEST_DATE,
  instantOf,
  LATEST_DATE,
  localDateOf,
  localDateSchema,
  localDateTimeSchema,
  monthLengthOf,
  monthOf,
  startOfDay,
  timeZoneSchema,
} from './time.ts';

/*
 * The engine answers one question: which calendar dates does a rule name? It is asked in UTC, for midnights, about
 * rules without COUNT and UNTIL, and always about a bounded stretch of dates: so it stays on its fast paths, and no
 * rule can keep it busy. Wall time, clock changes, short months, COUNT and UNTIL are decided here.
 */

/**
 * The step, in periods of the rule, in which dates are asked for at first, and the ones it grows to while more are
 * needed: longer ones save little and find more than is used, of which a year can have many.
 */
const FIRST_STEP = 2;
const LONGEST_STEP = { DAILY: 16, WEEKLY: 16, MONTHLY: 16, YEARLY: 4 };
/** The engine's own limit on the periods that it walks through for one answer: never reached with such steps. */
const ENGINE_PERIODS = 1000;
/** Every date that there is, in one step. */
const LONGEST_STEP_DAYS = (2201 - 1970) * 366;
const PERIOD_DAYS = { DAILY: 1, WEEKLY: 7, MONTHLY: 31, YEARLY: 366 };
/** From this day of the month on, a month can lack it. */
const FIRST_UNSURE_DAY = 29;

/** How many occurrences passed over are counted: nobody asks whether it were more than a thousand. */
export const MOST_PASSED_OVER = 1000;

/** The most recent occurrence that is due, and how many before it were due too (counted up to MOST_PASSED_OVER). */
export interface LatestOccurrence {
  occurrence: Occurrence;
  passedOver: number;
}

/**
 * The first occurrence of a calendar that a user wants. Refused (`invalid`, each fault at `pointer`): a rule that is
 * not readable, not allowed, or never comes to pass, and a start or zone that does not exist. The start need not match
 * the rule: the first occurrence is the first match at or after it, and COUNT counts matches.
 */
export function checkRule(calendar: Calendar, pointer: string): Occurrence {
  const fault = (detail: string): Fault => ({ pointer, detail });
  const [problem, ...others] = problemsOf(calendar).map(fault);
  if (problem) throw invalid(problem, ...others);
  let first: Occurrence | null;
  try {
    first = searchFirst(calendar);
  } catch (error) {
    throw invalid(fault(`Cannot be worked out: ${error instanceof Error ? error.message : error}`));
  }
  if (!first) throw invalid(fault(`Never comes to pass between the start and its end, or ${LATEST_DATE}.`));
  return first;
}

/** The first occurrence strictly after a nominal local time, null if there is none. */
export function nextOccurrence(calendar: Calendar, afterLocal: string): Occurrence | null {
  const plan = planOf(calendar);
  const sameDayIsLater = !isAllDay(afterLocal) && `${dateOf(afterLocal)}${plan.time}` > afterLocal;
  const from = sameDayIsLater ? dateOf(afterLocal) : addDays(dateOf(afterLocal), 1);
  return occurrenceIn(plan, datesFrom(plan, from));
}

/** The last occurrence from a nominal local time (inclusive) up to `now`, null if none is due yet. */
export function latestOccurrence(calendar: Calendar, fromLocal: string, now: Date): LatestOccurrence | null {
  const plan = planOf(calendar);
  const from = dateOf(fromLocal);
  // A clock change around midnight can make a wall time of tomorrow come today.
  const tomorrow = addDays(localDateOf(now, calendar.timeZone), 1);
  for (const date of datesBackTo(plan, from, tomorrow)) {
    const occurrence = occurrenceOn(plan, date);
    if (occurrence.local < fromLocal) return null;
    if (occurrence.at > now || isPastUntil(plan, occurrence)) continue;
    return { occurrence, passedOver: countBetween(plan, from, date) };
  }
  return null;
}

/** The last occurrence of a calendar whose rule ends by COUNT. Throws for another rule. */
export function lastOfCount(calendar: Calendar): Occurrence {
  const plan = planOf(calendar);
  if (!plan.rule.COUNT) throw new RangeError(`Does not end by COUNT: ${calendar.rule}`);
  return occurrenceOn(plan, plan.lastDate);
}

function searchFirst(calendar: Calendar): Occurrence | null {
  const plan = planOf(calendar);
  return occurrenceIn(plan, datesFrom(plan, plan.startDate));
}

/** A calendar made ready to be asked for dates. */
interface Plan {
  calendar: Calendar;
  rule: Rule;
  engine: RRuleTemporal;
  startDate: string;
  /** No occurrence has a later date. */
  lastDate: string;
  /** What follows the date in a local time, nothing if all-day. */
  time: string;
}

function planOf(calendar: Calendar): Plan {
  const { rule: given } = readRule(calendar.rule);
  if (!given) throw new RangeError(`Not a rule that was checked: ${calendar.rule}`);
  const startDate = dateOf(calendar.start);
  const rule = withPartsOfStart(given, startDate);
  const engine = new RRuleTemporal({
    rruleString: `DTSTART:${startDate.replaceAll('-', '')}T000000Z\nRRULE:${engineRuleOf(rule, calendar.overflow)}`,
    strict: true,
    maxIterations: ENGINE_PERIODS,
  });
  const time = calendar.start.slice(startDate.length);
  const plan = { calendar, rule, engine, startDate, lastDate: LATEST_DATE, time };
  return { ...plan, lastDate: lastDateOf(plan) };
}

/** The rule that the engine is given: it names every date of the calendar, and some that `isNamed` drops again. */
function engineRuleOf(rule: Rule, overflow: Calendar['overflow']): string {
  const { FREQ, INTERVAL, WKST, BYMONTH, BYMONTHDAY, BYYEARDAY, BYWEEKNO, BYSETPOS } = rule;
  const BYDAY = rule.BYDAY?.map(({ nth, weekday }) => `${nth ?? ''}${weekday}`);
  const days = overflow === 'clamp' ? withSubstitutes(BYMONTHDAY) : BYMONTHDAY;
  // Days and weeks of a month the engine finds by looking at each: dropping the others afterwards is cheaper.
  const inMonth = FREQ === 'MONTHLY' || FREQ === 'YEARLY' ? { BYMONTH, BYMONTHDAY: days } : {};
  return Object.entries({ FREQ, INTERVAL, WKST, ...inMonth, BYYEARDAY, BYWEEKNO, BYDAY, BYSETPOS })
    .flatMap(([name, value]) => (value ? `${name}=${value}` : []))
    .join(';');
}

/** Days of a month, and the last days of shorter months that can stand in for them. */
function withSubstitutes(days: readonly number[] | undefined): readonly number[] | undefined {
  return days && [...new Set([...days, ...[28, 29, 30].filter((day) => day < Math.max(...days))])];
}

/** Whether a date that the engine named is one of the calendar. */
function isNamed({ calendar, rule, time }: Plan, date: string): boolean {
  if (rule.BYMONTH && !rule.BYMONTH.includes(monthOf(date))) return false;
  if (rule.BYMONTHDAY && !isDayOf(rule.BYMONTHDAY, date, calendar.overflow)) return false;
  const skipsGaps = calendar.gap === 'skip' && !isAllDay(calendar.start);
  return !skipsGaps || instantOf(`${date}${time}`, calendar.timeZone, 'reject') !== null;
}

function isDayOf(days: readonly number[], date: string, overflow: Calendar['overflow']): boolean {
  const day = dayOf(date);
  const length = monthLengthOf(date);
  const standsIn = overflow === 'clamp' && day === length;
  return days.some((wanted) => wanted === day || wanted === day - length - 1 || (standsIn && wanted > length));
}

/** The last date that a calendar can have, for the engine not to search further. */
function lastDateOf(plan: Plan): string {
  const { COUNT, UNTIL } = plan.rule;
  if (COUNT) return nthOf(datesFrom(plan, plan.startDate), COUNT) ?? LATEST_DATE;
  if (!UNTIL) return LATEST_DATE;
  if ('date' in UNTIL) return UNTIL.date;
  if ('local' in UNTIL) return dateOf(UNTIL.local);
  return addDays(localDateOf(UNTIL.instant, plan.calendar.timeZone), 1);
}

function nthOf<Item>(items: Iterable<Item>, n: number): Item | undefined {
  let seen = 0;
  for (const item of items) {
    seen += 1;
    if (seen === n) return item;
  }
  return undefined;
}

/** The dates of a calendar from a date on, in order. */
function* datesFrom(plan: Plan, date: string): Generator<string> {
  let from = date > plan.startDate ? date : plan.startDate;
  for (const days of steps(plan.rule)) {
    if (from > plan.lastDate) return;
    yield* datesBetween(plan, from, addDays(from, days));
    from = addDays(from, days + 1);
  }
}

/** The dates of a calendar from `to` back until before `from`, the last one first. */
function* datesBackTo(plan: Plan, from: string, to: string): Generator<string> {
  let latest = to < plan.lastDate ? to : plan.lastDate;
  for (const days of steps(plan.rule)) {
    if (latest < from) return;
    yield* datesBetween(plan, addDays(latest, -days), latest).reverse();
    latest = addDays(latest, -days - 1);
  }
}

/** How many days to ask for at a time: few at first, because often the first date is enough. */
function* steps({ FREQ, INTERVAL }: Rule): Generator<number> {
  for (let periods = FIRST_STEP; ; periods = Math.min(periods * 2, LONGEST_STEP[FREQ])) {
    yield Math.min(periods * INTERVAL * PERIOD_DAYS[FREQ], LONGEST_STEP_DAYS);
  }
}

function datesBetween(plan: Plan, from: string, to: string): string[] {
  const until = to < plan.lastDate ? to : plan.lastDate;
  return plan.engine
    .between(new Date(from), new Date(until), true)
    .map((named) => dateOf(new Date(named.epochMilliseconds).toISOString()))
    .filter((date) => isNamed(plan, date));
}

/** The occurrence on the first of some dates, unless the rule has ended by then. */
function occurrenceIn(plan: Plan, dates: Iterable<string>): Occurrence | null {
  const date = nthOf(dates, 1);
  const occurrence = date === undefined ? null : occurrenceOn(plan, date);
  return occurrence && !isPastUntil(plan, occurrence) ? occurrence : null;
}

function occurrenceOn({ calendar: { timeZone }, time }: Plan, date: string): Occurrence {
  const local = `${date}${time}`;
  return { local, at: time === '' ? startOfDay(date, timeZone) : instantOf(local, timeZone, 'shift') };
}

/** A last day or wall time holds for wall times, a last instant for instants, whatever the clocks did in between. */
function isPastUntil({ rule: { UNTIL } }: Plan, { local, at }: Occurrence): boolean {
  if (!UNTIL) return false;
  if ('instant' in UNTIL) return at > UNTIL.instant;
  return 'local' in UNTIL ? local > UNTIL.local : dateOf(local) > UNTIL.date;
}

/** How many dates a calendar has from one date up to, not including, another: at most MOST_PASSED_OVER. */
function countBetween(plan: Plan, from: string, before: string): number {
  let count = 0;
  for (const date of datesFrom(plan, from)) {
    if (date >= before || count === MOST_PASSED_OVER) break;
    count += 1;
  }
  return count;
}

/** What is wrong with a calendar, as far as it can be seen without looking for dates. */
function problemsOf(calendar: Calendar): string[] {
  const { rule, problems } = readRule(calendar.rule);
  const allDay = isAllDay(calendar.start);
  const startSchema = allDay ? localDateSchema : localDateTimeSchema;
  const clamps = calendar.overflow === 'clamp' && rule?.BYMONTHDAY?.some((day) => day >= FIRST_UNSURE_DAY);
  const checks: [unknown, string][] = [
    [!startSchema.safeParse(calendar.start).success, `Needs a start between ${EARLIEST_DATE} and ${LATEST_DATE}.`],
    [!timeZoneSchema.safeParse(calendar.timeZone).success, `Needs a known time zone, not ${calendar.timeZone}.`],
    [allDay && rule?.UNTIL && !('date' in rule.UNTIL), 'UNTIL must be a date alone, as the due date is.'],
    [
      rule && keepsOtherWeekday(rule, calendar.start),
      'Never comes to pass: INTERVAL always leads to the weekday of the start, which BYDAY leaves out.',
    ],
    [
      clamps && rule?.BYSETPOS,
      'BYSETPOS cannot choose among days that some months lack: give BYMONTHDAY=-1, or "overflow": "skip".',
    ],
  ];
  return [...problems, ...checks.filter(([found]) => found).map(([, problem]) => problem)];
}

/** Whether a daily rule steps by whole weeks from a weekday that it does not name: the engine would search in vain. */
function keepsOtherWeekday({ FREQ, INTERVAL, BYDAY }: Rule, start: string): boolean {
  if (FREQ !== 'DAILY' || INTERVAL % 7 !== 0 || !BYDAY) return false;
  return BYDAY.every(({ weekday }) => weekday !== weekdayOf(start));
}
