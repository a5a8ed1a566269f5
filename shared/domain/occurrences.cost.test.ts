import { describe, expect, it } from 'vitest';
import {
  chancesFrom,
  ODD_ZONES,
  randomCalendar,
  randomNumbers,
  writeRule,
} from '../../infra/testing/randomCalendar.ts';
import { costOf, REFUSAL_COST, RULE_COST } from '../../infra/testing/recurrenceCost.ts';
import { DomainError } from './errors.ts';
import { checkRule, latestOccurrence, nextOccurrence } from './occurrences.ts';
import type { Calendar } from './recurrence.ts';

/** The earliest that a task can start. */
const START = '1970-01-01T02:30:00';
/** The latest that anybody can ask for the latest occurrence. */
const END = new Date('2200-12-31T12:00:00Z');
const RANDOM_RULES = 60;
/** So many of the dearest are looked at again, and changed a little in search of dearer ones. */
const DEAREST = 8;

const upTo = (most: number, least = 1) => Array.from({ length: most - least + 1 }, (_, index) => least + index).join();
const everyDay = 'BYDAY=MO,TU,WE,TH,FR,SA,SU';
const named = (rule: string) => ({ rule, name: rule.slice(0, 60) });

function calendarOf(rule: string, options: Partial<Calendar> = {}): Calendar {
  return {
    rule,
    start: START,
    timeZone: 'Africa/Casablanca',
    overflow: 'skip',
    gap: 'skip',
    exdates: [],
    rdates: [],
    ...options,
  };
}

/** All that is asked of a calendar when a task is created and when it is completed. False if it is refused. */
function askAll(calendar: Calendar): boolean {
  try {
    const created = { ...calendar };
    const { local } = checkRule(created, '/rule');
    nextOccurrence(created, local);
    const completed = { ...calendar };
    const latest = latestOccurrence(completed, local, END);
    nextOccurrence(completed, latest?.occurrence.local ?? local);
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.faults.every(({ detail }) => detail.length > 0)) return false;
    throw error;
  }
}

/** Checks that a calendar costs what it may; returns that. */
function boundedCostOf(calendar: Calendar): number {
  const bound = askAll(calendar) ? RULE_COST : REFUSAL_COST;
  const cost = costOf(() => askAll(calendar), 0.6 * bound);
  expect(cost, JSON.stringify(calendar)).toBeLessThan(bound);
  return cost;
}

describe('what a rule costs', () => {
  it.each(
    [
      'X'.repeat(65_536),
      ';'.repeat(65_536),
      `FREQ=DAILY;${'BYDAY=MO;'.repeat(50)}`,
      'FREQ=DAILY;INTERVAL=7;BYDAY=TU;BYMONTH=2',
      'FREQ=DAILY;INTERVAL=14;BYDAY=MO;BYMONTH=2;UNTIL=19700201',
      'FREQ=DAILY;BYDAY=MO;BYSETPOS=2',
      `FREQ=WEEKLY;${everyDay};BYSETPOS=8`,
      'FREQ=MONTHLY;INTERVAL=12;BYMONTH=2',
      'FREQ=MONTHLY;BYDAY=5MO;BYMONTHDAY=1',
      `FREQ=MONTHLY;${everyDay};BYSETPOS=${upTo(62, 32)}`,
      `FREQ=YEARLY;${everyDay};BYMONTHDAY=31;BYMONTH=1,2;BYSETPOS=${upTo(366, 340)}`,
      `FREQ=YEARLY;BYWEEKNO=1;BYYEARDAY=${upTo(200, 110)}`,
      'FREQ=YEARLY;BYMONTHDAY=30,31;BYYEARDAY=-1,1;BYDAY=2MO;BYSETPOS=3',
    ].map(named),
  )('is little for one that is refused: $name', ({ rule }) => {
    expect(askAll(calendarOf(rule))).toBe(false);
    boundedCostOf(calendarOf(rule));
  });

  it.each(
    [
      'FREQ=DAILY',
      'FREQ=DAILY;COUNT=1000',
      'FREQ=DAILY;INTERVAL=30;COUNT=1000',
      `FREQ=DAILY;BYMONTH=2,3;${everyDay};COUNT=1000`,
      'FREQ=DAILY;BYMONTHDAY=29;BYMONTH=2;BYDAY=MO',
      'FREQ=DAILY;BYMONTHDAY=29,30,31;BYDAY=MO;COUNT=1000',
      'FREQ=DAILY;INTERVAL=999;BYMONTH=2',
      'FREQ=WEEKLY;INTERVAL=3;BYDAY=MO;BYMONTH=2;COUNT=1000',
      `FREQ=WEEKLY;${everyDay};BYSETPOS=7;COUNT=1000`,
      'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=1000',
      'FREQ=MONTHLY;BYMONTHDAY=29,30,31;BYMONTH=2;BYDAY=MO',
      'FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=5MO;COUNT=1000',
      'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;INTERVAL=2;COUNT=1000',
      `FREQ=YEARLY;${everyDay};BYSETPOS=366`,
      `FREQ=YEARLY;${everyDay};BYSETPOS=-366;COUNT=1000`,
      `FREQ=YEARLY;BYYEARDAY=${upTo(100)};COUNT=1000`,
      `FREQ=YEARLY;BYWEEKNO=${upTo(53)};${everyDay};COUNT=1000`,
      `FREQ=YEARLY;BYWEEKNO=53;${everyDay};COUNT=1000`,
      'FREQ=YEARLY;BYYEARDAY=-366;COUNT=1000',
      'FREQ=YEARLY;BYDAY=53MO,-53SU;BYMONTHDAY=31,-1;COUNT=1000',
    ].map(named),
  )('is little for one that is allowed: $name', ({ rule }) => {
    expect(askAll(calendarOf(rule))).toBe(true);
    boundedCostOf(calendarOf(rule));
  });

  it('is little with a hundred dates left out and a hundred added', () => {
    const datesFrom = (year: number, time: string) =>
      Array.from(
        { length: 100 },
        (_, day) => `${new Date(Date.UTC(year, 0, 1 + day)).toISOString().slice(0, 10)}${time}`,
      );
    const exdates = datesFrom(1970, 'T02:30:00');
    boundedCostOf(calendarOf('FREQ=DAILY', { exdates, rdates: datesFrom(1980, 'T04:00:00') }));
    const all = calendarOf('FREQ=DAILY;COUNT=100', { exdates });
    expect(askAll(all)).toBe(false);
    boundedCostOf(all);
  });

  it('is little for the latest of a rule that was left alone for two hundred years', () => {
    const calendar = calendarOf('FREQ=DAILY', { overflow: 'clamp', gap: 'shift' });
    const cost = costOf(() => latestOccurrence({ ...calendar }, calendar.start, new Date('2170-01-01T12:00:00Z')));
    expect(cost).toBeLessThan(RULE_COST);
  });

  it('is little for the dearest that a search among random rules finds', { timeout: 300_000 }, () => {
    const chances = chancesFrom(randomNumbers(Number(process.env.RECURRENCE_SEED ?? 1)));
    const dear = (calendar: Calendar) => ({ calendar, cost: boundedCostOf(calendar) });
    const random = Array.from({ length: RANDOM_RULES }, () => {
      const { calendar, rule } = randomCalendar(chances, chances.oneOf(ODD_ZONES));
      const { UNTIL: _until, ...days } = rule;
      return dear({ ...calendar, rule: writeRule({ ...days, COUNT: 1000 }), start: START, exdates: [], rdates: [] });
    });
    const dearest = random.sort((a, b) => b.cost - a.cost).slice(0, DEAREST);
    const changed = dearest.flatMap(({ calendar }) => [
      dear({ ...calendar, gap: 'skip', timeZone: 'Africa/Casablanca' }),
      dear({ ...calendar, rule: calendar.rule.replace(';COUNT=1000', '') }),
      dear({ ...calendar, rule: calendar.rule.replace(/;INTERVAL=\d+/, '') }),
    ]);
    const [most] = [...dearest, ...changed].sort((a, b) => b.cost - a.cost);
    process.stdout.write(
      `dearest of ${random.length + changed.length}: ${most?.cost.toFixed(1)} ms, ${most?.calendar.rule}\n`,
    );
    expect(most?.cost).toBeGreaterThan(1);
  });
});
