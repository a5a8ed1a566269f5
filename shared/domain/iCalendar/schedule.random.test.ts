import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readCalendar, timesOf } from '../../../infra/testing/readCalendar.ts';
import { DomainError } from '../errors.ts';
import { checkRule, localTimesAfter, nextOccurrence } from '../occurrences.ts';
import { type Calendar, isAllDay, type Occurrence } from '../recurrence.ts';
import { addDays, dateOf, instantOf } from '../time.ts';
import { calendarFile } from './calendarFile.ts';
import type { CalendarSeries } from './entries.ts';

const ZONES = [
  ...['Europe/Madrid', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia', 'UTC'],
  ...['America/Santiago', 'Africa/Casablanca', 'Asia/Jerusalem', 'Pacific/Kiritimati', 'America/St_Johns'],
];
/** The reader knows clock changes until then. */
const READERS_END = '2034';
const COMPARED = 20;
/** Of a series that no RRULE tells. */
const LISTED = 12;

const part = <T>(name: string, values: fc.Arbitrary<T>) =>
  fc.oneof(
    fc.constant(''),
    values.map((value) => `;${name}=${value}`),
  );
const some = (values: readonly (string | number)[]) => fc.subarray([...values], { minLength: 1, maxLength: 3 });
const dates = fc
  .date({ min: new Date('2026-01-01'), max: new Date('2026-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

const weekdays = part('BYDAY', some(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']));
const numberedWeekdays = part('BYDAY', some(['1MO', '2TU', '-1FR', '3SU', 'WE']));
const monthDays = part('BYMONTHDAY', some([1, 13, 15, 28, 29, 30, 31, -1, -3]));
const months = part('BYMONTH', some([1, 2, 3, 4, 6, 11, 12]));
const interval = part('INTERVAL', fc.integer({ min: 1, max: 4 }));
const weekStart = part('WKST', fc.constantFrom('SU', 'MO', 'WE'));
/** For an end on New Year's Day, the reader compares years of different zones. */
const lastDays = dates.filter((date) => !date.endsWith('-01-01'));
const end = fc.oneof(
  fc.constant(''),
  fc.integer({ min: 2, max: 40 }).map((count) => `;COUNT=${count}`),
  fc
    .tuple(lastDays, fc.constantFrom('', 'T210000Z'))
    .map(([date, time]) => `;UNTIL=2030${date.slice(4).replaceAll('-', '')}${time}`),
);
const rules = fc.oneof(
  fc.tuple(fc.constant('FREQ=DAILY'), interval, months),
  fc.tuple(fc.constant('FREQ=DAILY'), monthDays),
  fc.tuple(fc.constant('FREQ=WEEKLY'), interval, weekdays, weekStart),
  fc.tuple(fc.constant('FREQ=MONTHLY'), interval, months, monthDays),
  fc.tuple(fc.constant('FREQ=MONTHLY'), interval, numberedWeekdays),
  fc.tuple(fc.constant('FREQ=MONTHLY;BYMONTHDAY=13;BYDAY=FR')),
  fc.tuple(fc.constant('FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS='), fc.constantFrom('1', '-1', '2')),
  fc.tuple(fc.constant('FREQ=MONTHLY;BYMONTHDAY=1,15,31;BYSETPOS='), fc.constantFrom('1', '-1')),
  fc.tuple(fc.constant('FREQ=YEARLY'), interval, months),
  fc.tuple(fc.constant('FREQ=YEARLY'), months, monthDays),
);

/** What a series is: its calendar, how many of its times have passed, and which of those ahead have a task. */
const cases = fc.record({
  calendar: fc.record({
    rule: fc.tuple(rules, end).map(([parts, last]) => parts.join('') + last),
    start: fc.tuple(dates, fc.constantFrom('', 'T09:00:00', 'T21:45:00')).map((parts) => parts.join('')),
    timeZone: fc.constantFrom(...ZONES),
    overflow: fc.constantFrom('clamp', 'skip'),
    gap: fc.constantFrom('shift', 'skip'),
  }),
  passed: fc.nat(6),
  exdates: fc.uniqueArray(fc.nat(20), { maxLength: 3 }),
  rdates: fc.uniqueArray(fc.nat(400), { maxLength: 3 }),
  taken: fc.uniqueArray(fc.nat(20), { maxLength: 3 }),
});

function caseOf({
  calendar: plain,
  passed,
  exdates,
  rdates,
  taken,
}: typeof cases extends fc.Arbitrary<infer T> ? T : never) {
  const ruled: Calendar = { ...plain, exdates: [], rdates: [] };
  const local = (days: number) => addDays(dateOf(plain.start), days) + plain.start.slice('YYYY-MM-DD'.length);
  const slots = take(localTimesAfter(ruled, addDays(dateOf(plain.start), -1)), 30);
  const calendar = { ...ruled, exdates: exdates.flatMap((place) => slots[place] ?? []), rdates: rdates.map(local) };
  let next: Occurrence | null = checkRule(calendar, '/rule');
  for (let index = 0; next && index < passed; index += 1) next = nextOccurrence(calendar, next.local);
  if (!next) return null;
  const ahead = [next.local, ...take(localTimesAfter(calendar, next.local), 40)];
  const gone = taken.flatMap((place) => ahead[place] ?? []);
  return { calendar, next, taken: gone, expected: ahead.filter((time) => !gone.includes(time)) };
}

test('what another reader makes of a series is what this one makes of it, for its next 20 times', {
  timeout: 240_000,
}, async () => {
  let compared = 0;
  let told = 0;
  const property = fc.asyncProperty(cases, async (given) => {
    const series = attempt(() => caseOf(given));
    if (!series) return;
    const { calendar, next, taken, expected } = series;
    const [entry] = readCalendar(await fileOf({ calendar, next, taken })).getAllSubcomponents('vtodo');
    const isRuled = entry?.hasProperty('rrule') ?? false;
    const limit = isRuled ? COMPARED : LISTED;
    const times = expected.map((local) =>
      isAllDay(local) ? local : instantOf(local, calendar.timeZone, 'shift').toISOString(),
    );
    const known = (time: string) => time < READERS_END;
    expect(entry ? timesOf(entry, limit).filter(known) : []).toEqual(times.slice(0, limit).filter(known));
    compared += 1;
    told += isRuled ? 1 : 0;
  });
  await fc.assert(property, { numRuns: 300, seed: 5545 });
  expect([compared > 150, told > compared / 2]).toEqual([true, true]);
});

function fileOf(series: Pick<CalendarSeries, 'calendar' | 'next' | 'taken'>): Promise<string> {
  const template = { title: 'a', description: null, priority: 'low' as const, tags: [], reminders: [] };
  const now = new Date(series.next.at.getTime() - 1000);
  const content = [{ ...series, id: 'a', template, updatedAt: now.toISOString() }];
  return calendarFile({ name: null, tasks: [], series: content, isCut: false }, 'tasks', now);
}

function take(times: Iterable<string>, count: number): string[] {
  const taken: string[] = [];
  for (const time of times) {
    if (taken.length === count) break;
    taken.push(time);
  }
  return taken;
}

/** What a function returns; undefined where it refuses its input. */
function attempt<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof DomainError) return undefined;
    throw error;
  }
}
