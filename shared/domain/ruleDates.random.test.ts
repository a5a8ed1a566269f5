import { Script } from 'node:vm';
import ICAL from 'ical.js';
import { expect, it } from 'vitest';
import { chancesFrom, randomCalendar, randomNumbers, writeRule } from '../../infra/testing/randomCalendar.ts';
import { RULES, SEED } from '../../infra/testing/randomRules.ts';
import { type Rule, readRule, WEEKDAYS } from './recurrence.ts';
import { ruleDates } from './ruleDates.ts';

/*
 * Random rules compared with what ical.js makes of them, where it can be relied on. It is given no COUNT, UNTIL or zone.
 */

/** So many dates of each rule are compared. */
const DATES = 8;
/** It can search for ever; it never takes this long (ms) for a rule that comes to pass. */
const LONGEST_SEARCH = 10_000;

/**
 * Whether ical.js 2.2 follows RFC 5545 for a rule. Left out is what it does otherwise: it ignores BYSETPOS, except in
 * months with BYDAY, where it misses the position that is counted from the end and is the first; it ignores days counted
 * from the end of a month, except in MONTHLY rules; BYMONTH repeats or loses dates in MONTHLY rules; BYWEEKNO, weekdays
 * numbered within the year, BYMONTHDAY in all months of a year or together with BYDAY come out wrong or never; and in a
 * year a day that a month lacks becomes one of the next month.
 */
function isReliable(rule: Rule, start: string): boolean {
  const { FREQ, BYMONTH, BYMONTHDAY, BYYEARDAY, BYWEEKNO, BYDAY, BYSETPOS } = rule;
  const numbered = BYDAY?.some(({ nth }) => nth !== null);
  if (FREQ === 'DAILY') return !BYSETPOS && !BYMONTHDAY?.some((day) => day < 0);
  if (FREQ === 'WEEKLY') return !BYSETPOS;
  if (FREQ === 'MONTHLY') {
    if (BYMONTH || (BYMONTHDAY && BYDAY)) return false;
    // A weekday comes four times at least.
    return !BYSETPOS || (BYDAY !== undefined && !numbered && BYSETPOS.every((position) => position > -4));
  }
  if (BYWEEKNO || BYSETPOS || (numbered && !BYMONTH)) return false;
  if (BYYEARDAY) return !BYMONTH && !BYMONTHDAY && !BYDAY;
  if (BYMONTHDAY) return BYMONTH !== undefined && !BYDAY && BYMONTHDAY.every((day) => 1 <= day && day <= 28);
  return BYDAY !== undefined || Number(start.slice(-2)) <= 28;
}

/** A rule whose lists are sorted, each value once: ical.js takes them as they come. */
function sorted(rule: Rule): Rule {
  const lists = ['BYMONTH', 'BYMONTHDAY', 'BYYEARDAY'] as const;
  const result = { ...rule };
  for (const name of lists) {
    if (rule[name]) result[name] = [...new Set(rule[name])].sort((a, b) => a - b);
  }
  // A week starts on Sunday for it, whatever WKST says.
  const place = ({ weekday }: { weekday: (typeof WEEKDAYS)[number] }) => (WEEKDAYS.indexOf(weekday) + 1) % 7;
  const byName = new Map(rule.BYDAY?.map((day) => [`${day.nth}${day.weekday}`, day]));
  if (rule.BYDAY) result.BYDAY = [...byName.values()].sort((a, b) => place(a) - place(b));
  return result;
}

/** The first of some dates. */
function firstOf(dates: Iterable<string>, count: number): string[] {
  const found: string[] = [];
  for (const date of dates) {
    if (found.push(date) === count) break;
  }
  return found;
}

function datesByIcal(rule: string, start: string, count: number): string[] {
  const iterator = ICAL.Recur.fromString(rule).iterator(ICAL.Time.fromDateString(start));
  const found: string[] = [];
  while (found.length < count) found.push(iterator.next().toString());
  return found;
}

/** Stops even a call that never returns. */
function withinTime<Result>(work: () => Result): Result {
  Object.assign(globalThis, { work });
  return new Script('work()').runInThisContext({ timeout: LONGEST_SEARCH });
}

it(`random rules have the dates that ical.js finds: those of ${RULES} that it can do, seed ${SEED}`, {
  timeout: 600_000,
}, () => {
  const chances = chancesFrom(randomNumbers(SEED));
  const counts = { rules: RULES, compared: 0, DAILY: 0, WEEKLY: 0, MONTHLY: 0, YEARLY: 0 };
  for (let index = 0; index < RULES; index += 1) {
    const { calendar, rule } = randomCalendar(chances, 'UTC');
    const { COUNT: _count, UNTIL: _until, ...days } = rule;
    const start = firstOf(
      ruleDates(days, calendar.start.slice(0, 10), 'skip').inOrder('1970-01-01', '2200-12-31'),
      1,
    )[0];
    if (start === undefined || !isReliable(days, start)) continue;
    const text = writeRule(sorted(days));
    const { rule: read } = readRule(text);
    const found = firstOf(ruleDates(read as Rule, start, 'skip').inOrder(start, '2200-12-31'), DATES);
    expect(
      withinTime(() => datesByIcal(text, start, found.length)),
      `${text} from ${start}`,
    ).toEqual(found);
    counts.compared += 1;
    counts[rule.FREQ] += 1;
  }
  process.stdout.write(`${JSON.stringify(counts)}\n`);
  expect(counts.compared).toBeGreaterThan(RULES / 3);
});
