import { describe, expect, it } from 'vitest';
import { checkRule, nextOccurrence } from './occurrences.ts';
import type { Calendar, Occurrence } from './recurrence.ts';

/*
 * Random simple rules, compared with what the plainest program finds that looks at one day after the other.
 * It shares nothing with the code under test: no engine, no time zone library.
 */

const CASES_PER_ZONE = 60;
const OCCURRENCES = 8;
/** Every zone changes its clocks about 02:00 or at midnight in some of these years. */
const ZONES = [
  'UTC',
  'America/New_York',
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'America/Sao_Paulo',
  'Asia/Kathmandu',
];
const TIMES = ['', 'T00:00:00', 'T02:30:00', 'T09:00:00'];
const WEEKDAYS = ['SU', 'MO', 'TU', 'WE', 'TH', 'FR', 'SA'];

const DAY = 24 * 60 * 60 * 1000;

interface SimpleRule {
  freq: 'DAILY' | 'WEEKLY' | 'MONTHLY';
  interval: number;
  weekdays: number[];
  monthDays: number[];
  count: number;
}

/** The same numbers from 0 up to 1 in each run (a linear congruential generator). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

function randomCase(random: () => number, timeZone: string): { simple: SimpleRule; calendar: Calendar } {
  const upTo = (most: number) => 1 + Math.floor(random() * most);
  const oneOf = <Item>(items: readonly Item[]) => items[upTo(items.length) - 1] as Item;
  const some = (most: number) => [...new Set(Array.from({ length: upTo(3) }, () => upTo(most)))];
  const freq = oneOf(['DAILY', 'WEEKLY', 'MONTHLY'] as const);
  const simple: SimpleRule = {
    freq,
    interval: oneOf([1, 1, 2, 3, 5]),
    weekdays: freq === 'WEEKLY' && random() < 0.7 ? some(7).map((day) => day - 1) : [],
    monthDays: freq === 'MONTHLY' && random() < 0.6 ? some(31) : [],
    count: oneOf([3, OCCURRENCES, 1000]),
  };
  const start = dateOf(Date.UTC(1995 + upTo(30), upTo(12) - 1, upTo(31))) + oneOf(TIMES);
  const parts = [
    `FREQ=${freq}`,
    simple.interval > 1 && `INTERVAL=${simple.interval}`,
    simple.weekdays.length > 0 && `BYDAY=${simple.weekdays.map((day) => WEEKDAYS[day])}`,
    simple.monthDays.length > 0 && `BYMONTHDAY=${simple.monthDays}`,
    simple.count < 1000 && `COUNT=${simple.count}`,
  ];
  const overflow = oneOf(['clamp', 'skip'] as const);
  const gap = oneOf(['shift', 'skip'] as const);
  return {
    simple,
    calendar: { rule: parts.filter(Boolean).join(';'), start, timeZone, overflow, gap, exdates: [], rdates: [] },
  };
}

function dateOf(day: number): string {
  return new Date(day).toISOString().slice(0, 10);
}

function isOccurrence(day: number, startDay: number, rule: SimpleRule, clamp: boolean): boolean {
  const date = new Date(day);
  const start = new Date(startDay);
  if (rule.freq === 'DAILY') return ((day - startDay) / DAY) % rule.interval === 0;
  if (rule.freq === 'WEEKLY') {
    const mondayOf = (time: number) => time - ((new Date(time).getUTCDay() + 6) % 7) * DAY;
    const weeks = (mondayOf(day) - mondayOf(startDay)) / (7 * DAY);
    const weekdays = rule.weekdays.length > 0 ? rule.weekdays : [start.getUTCDay()];
    return weeks % rule.interval === 0 && weekdays.includes(date.getUTCDay());
  }
  const months = (date.getUTCFullYear() - start.getUTCFullYear()) * 12 + date.getUTCMonth() - start.getUTCMonth();
  const isLast = new Date(day + DAY).getUTCDate() === 1;
  const monthDays = rule.monthDays.length > 0 ? rule.monthDays : [start.getUTCDate()];
  const named = monthDays.some((wanted) =>
    clamp && isLast ? wanted >= date.getUTCDate() : wanted === date.getUTCDate(),
  );
  return months % rule.interval === 0 && named;
}

/** The instant of a wall time by trying the offsets that its zone has a day before and a day after it. */
function instantOf(local: string, offsetAt: (time: number) => number): { at: Date; skipped: boolean } {
  const wall = Date.parse(`${local}Z`);
  const before = offsetAt(wall - DAY);
  const instant = [wall - before, wall - offsetAt(wall + DAY)]
    .sort((a, b) => a - b)
    .find((t) => t + offsetAt(t) === wall);
  return { at: new Date(instant ?? wall - before), skipped: instant === undefined };
}

function offsetsOf(timeZone: string): (time: number) => number {
  const clock = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
  return (time) => Date.parse(`${clock.format(time).replace(' ', 'T')}Z`) - time;
}

function occurrencesDayByDay(simple: SimpleRule, calendar: Calendar, offsetAt: (time: number) => number): Occurrence[] {
  const [startDate = '', time] = calendar.start.split('T');
  const startDay = Date.parse(startDate);
  const found: Occurrence[] = [];
  for (let day = startDay; found.length < Math.min(OCCURRENCES, simple.count); day += DAY) {
    if (!isOccurrence(day, startDay, simple, calendar.overflow === 'clamp')) continue;
    const { at, skipped } = instantOf(`${dateOf(day)}T${time ?? '00:00:00'}`, offsetAt);
    if (time && skipped && calendar.gap === 'skip') continue;
    found.push({ local: time ? `${dateOf(day)}T${time}` : dateOf(day), at });
  }
  return found;
}

describe.each(ZONES)('random rules in %s', (timeZone) => {
  it('have the occurrences that a walk through all days finds', () => {
    const random = randomNumbers(ZONES.indexOf(timeZone) + 1);
    const offsetAt = offsetsOf(timeZone);
    for (let index = 0; index < CASES_PER_ZONE; index += 1) {
      const { simple, calendar } = randomCase(random, timeZone);
      const found: Occurrence[] = [];
      let occurrence: Occurrence | null = checkRule(calendar, '');
      while (occurrence && found.length < OCCURRENCES) {
        found.push(occurrence);
        occurrence = nextOccurrence(calendar, occurrence.local);
      }
      expect(found, JSON.stringify(calendar)).toEqual(occurrencesDayByDay(simple, calendar, offsetAt));
    }
  });
});
