import { type Fault, invalid } from './errors.ts';
import { type Calendar, isAllDay, type Occurrence, occurrenceAt, type Rule, readRule } from './recurrence.ts';
import { type RuleDates, ruleDates } from './ruleDates.ts';
import {
  addDays,
  dateOf,
  EARLIEST_DATE,
  existsIn,
  LATEST_DATE,
  localDateOf,
  localDateSchema,
  localDateTimeSchema,
  timeZoneSchema,
} from './time.ts';

/*
 * The occurrences of a calendar: the dates of its rule (ruleDates.ts) at its wall time, up to COUNT or UNTIL, and its
 * RDATEs, without its EXDATEs, in the order of their local times. A local time that the clocks skip, and a day that a
 * zone left out (Samoa had no 30 December 2011), come as `gap` says: `shift`, as soon as there is such a time again, or
 * `skip`, not at all and not counted.
 */

/** How many occurrences passed over are counted: nobody asks whether it were more than a thousand. */
export const MOST_PASSED_OVER = 1000;

/** The most recent occurrence that is due, and how many before it were due too (counted up to MOST_PASSED_OVER). */
export interface LatestOccurrence {
  occurrence: Occurrence;
  passedOver: number;
}

/**
 * The first occurrence of a calendar that a user wants. Refused (`invalid`): a rule that is not readable, not allowed, or
 * never comes to pass, a start or zone that does not exist (these at `pointer`, that of the rule), and EXDATEs and RDATEs
 * that do not go with the start (at the pointers beside it). The start need not match the rule: the first occurrence is
 * the first match at or after it, and COUNT counts matches.
 */
export function checkRule(calendar: Calendar, pointer: string): Occurrence {
  const [fault, ...others] = faultsIn(calendar, pointer);
  if (fault) throw invalid(fault, ...others);
  for (const slot of slotsBetween(planOf(calendar), dateOf(calendar.start), LATEST_DATE)) {
    return occurrenceAt(slot, calendar.timeZone);
  }
  throw invalid({ pointer, detail: `Never comes to pass between the start and its end, or ${LATEST_DATE}.` });
}

/** The first occurrence strictly after a nominal local time, null if there is none. */
export function nextOccurrence(calendar: Calendar, afterLocal: string): Occurrence | null {
  for (const slot of localTimesAfter(calendar, afterLocal)) return occurrenceAt(slot, calendar.timeZone);
  return null;
}

/** The local times of the occurrences strictly after a nominal local time, in order. */
export function* localTimesAfter(calendar: Calendar, afterLocal: string): Generator<string> {
  for (const slot of slotsBetween(planOf(calendar), dateOf(afterLocal), LATEST_DATE)) {
    if (slot > afterLocal) yield slot;
  }
}

/** The last occurrence from a nominal local time (inclusive) up to `now`, null if none is due yet. */
export function latestOccurrence(calendar: Calendar, fromLocal: string, now: Date): LatestOccurrence | null {
  const plan = planOf(calendar);
  const from = dateOf(fromLocal);
  // A clock change around midnight can make a wall time of tomorrow come today.
  const tomorrow = addDays(localDateOf(now, calendar.timeZone), 1);
  for (const slot of slotsBackwards(plan, from, tomorrow)) {
    if (slot < fromLocal) break;
    const occurrence = occurrenceAt(slot, calendar.timeZone);
    if (occurrence.at <= now) return { occurrence, passedOver: countBetween(plan, fromLocal, slot) };
  }
  return null;
}

/** The last time that a rule names which ends by COUNT. Throws for another one. */
export function lastOfCount(calendar: Calendar): string {
  const { time, lastDate } = planOf(calendar);
  if (!readRule(calendar.rule).rule?.COUNT) throw new RangeError(`Does not end by COUNT: ${calendar.rule}`);
  return `${lastDate}${time}`;
}

/** A calendar made ready to be asked for its slots: the local times of its occurrences, which identify them. */
interface Plan {
  calendar: Calendar;
  dates: RuleDates;
  /** What follows the date in a local time of the rule, nothing if all-day. */
  time: string;
  /** The rule has no date after it, by its COUNT or UNTIL. */
  lastDate: string;
  added: readonly string[];
  leftOut: ReadonlySet<string>;
}

/** Those of calendars in use: to create or complete a task is to ask its calendar two or three times. */
const plans = new WeakMap<Calendar, Plan>();

function planOf(calendar: Calendar): Plan {
  const plan = plans.get(calendar) ?? makePlan(calendar);
  plans.set(calendar, plan);
  return plan;
}

function makePlan(calendar: Calendar): Plan {
  const { rule } = readRule(calendar.rule);
  if (!rule) throw new RangeError(`Not a rule that was checked: ${calendar.rule}`);
  const startDate = dateOf(calendar.start);
  const plan = {
    calendar,
    dates: ruleDates(rule, startDate, calendar.overflow),
    time: calendar.start.slice(startDate.length),
    lastDate: LATEST_DATE,
    added: calendar.rdates.filter((slot) => slot >= calendar.start && comesToPass(slot, calendar)).sort(),
    leftOut: new Set(calendar.exdates),
  };
  return { ...plan, lastDate: lastDateOf(plan, rule) };
}

function lastDateOf({ calendar, dates, time }: Plan, { COUNT, UNTIL }: Rule): string {
  if (COUNT) {
    let count = 0;
    for (const date of dates.inOrder(dateOf(calendar.start), LATEST_DATE)) {
      if (comesToPass(`${date}${time}`, calendar)) count += 1;
      if (count === COUNT) return date;
    }
  }
  if (!UNTIL) return LATEST_DATE;
  if ('date' in UNTIL) return UNTIL.date;
  if ('local' in UNTIL) {
    const date = dateOf(UNTIL.local);
    return `${date}${time}` <= UNTIL.local ? date : addDays(date, -1);
  }
  let date = addDays(localDateOf(UNTIL.instant, calendar.timeZone), 1);
  while (occurrenceAt(`${date}${time}`, calendar.timeZone).at > UNTIL.instant) date = addDays(date, -1);
  return date;
}

/** Slots on dates from one up to another, in order. */
function* slotsBetween(plan: Plan, from: string, to: string): Generator<string> {
  const dates = plan.dates.inOrder(from, earlierOf(to, plan.lastDate));
  const added = plan.added.filter((slot) => from <= dateOf(slot) && dateOf(slot) <= to);
  yield* merged(plan, dates, added, (slot, other) => slot < other);
}

/** The same, the last one first. */
function* slotsBackwards(plan: Plan, from: string, to: string): Generator<string> {
  const dates = plan.dates.backwards(from, earlierOf(to, plan.lastDate));
  const added = plan.added.filter((slot) => from <= dateOf(slot) && dateOf(slot) <= to).reverse();
  yield* merged(plan, dates, added, (slot, other) => slot > other);
}

/** The slots that a rule has on dates and those added to them, each once, without those left out. */
function* merged(
  { calendar, time, leftOut }: Plan,
  dates: Iterable<string>,
  added: readonly string[],
  precedes: (slot: string, other: string) => boolean,
): Generator<string> {
  const rest = added.filter((slot) => !leftOut.has(slot));
  for (const date of dates) {
    const slot = `${date}${time}`;
    while (rest[0] !== undefined && precedes(rest[0], slot)) yield rest.shift() as string;
    if (rest[0] === slot) rest.shift();
    if (!leftOut.has(slot) && comesToPass(slot, calendar)) yield slot;
  }
  yield* rest;
}

function earlierOf(date: string, other: string): string {
  return date < other ? date : other;
}

/** Whether a local time is one at which a task recurs: one that the clocks skip may not be. */
function comesToPass(local: string, { gap, timeZone }: Calendar): boolean {
  return gap === 'shift' || existsIn(timeZone, local);
}

/** How many slots there are from one up to, not including, another: at most MOST_PASSED_OVER. */
function countBetween(plan: Plan, from: string, before: string): number {
  let count = 0;
  for (const slot of slotsBetween(plan, dateOf(from), dateOf(before))) {
    if (slot >= before || count === MOST_PASSED_OVER) break;
    if (slot >= from) count += 1;
  }
  return count;
}

/** What is wrong with a calendar, as far as it can be seen without looking for dates. */
function faultsIn(calendar: Calendar, pointer: string): Fault[] {
  const { rule, problems } = readRule(calendar.rule);
  const { start, timeZone, exdates, rdates } = calendar;
  const allDay = isAllDay(start);
  const localSchema = allDay ? localDateSchema : localDateTimeSchema;
  const goesWithStart = (local: string) => localSchema.safeParse(local).data === local;
  const kind = allDay ? 'dates alone, as the due date is' : 'dates with a time, as the due time is';
  const besidePointer = (name: string) => pointer.replace(/rule$/, name);
  const checks: [unknown, string, string][] = [
    [!goesWithStart(start), pointer, `Needs a start between ${EARLIEST_DATE} and ${LATEST_DATE}.`],
    [!timeZoneSchema.safeParse(timeZone).success, pointer, `Needs a known time zone, not ${timeZone}.`],
    [allDay && rule?.UNTIL && !('date' in rule.UNTIL), pointer, 'UNTIL must be a date alone, as the due date is.'],
    [!exdates.every(goesWithStart), besidePointer('exdates'), `Must be ${kind}.`],
    [!rdates.every(goesWithStart), besidePointer('rdates'), `Must be ${kind}.`],
    [rdates.some((local) => local < start), besidePointer('rdates'), 'Must not lie before the start.'],
  ];
  const found = checks.filter(([wrong]) => wrong).map(([, at, detail]) => ({ pointer: at, detail }));
  return [...problems.map((detail) => ({ pointer, detail })), ...found];
}
