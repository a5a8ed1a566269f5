import * as fc from 'fast-check';
import type ICAL from 'ical.js';
import { expect, test } from 'vitest';
import { readCalendar, timeOf, timesOf } from '../../../infra/testing/readCalendar.ts';
import { dueSchema } from '../due.ts';
import { checkRule, nextOccurrence } from '../occurrences.ts';
import { type Calendar, isAllDay, type Occurrence } from '../recurrence.ts';
import { instantOf } from '../time.ts';
import { calendarFile } from './calendarFile.ts';
import type { CalendarSeries, CalendarTask } from './entries.ts';

const now = new Date('2026-11-28T12:00:00Z');
const ZONES = [
  ...['Europe/Madrid', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Apia', 'UTC'],
  ...['America/Santiago', 'Africa/Casablanca', 'Asia/Jerusalem', 'Pacific/Kiritimati', 'America/St_Johns'],
];

const zones = fc.constantFrom(...ZONES);
const dates = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2034-12-31'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));
const times = fc.constantFrom('00:00:00', '00:30:00', '02:30:00', '09:00:00', '13:37:42', '23:59:59');
const dues = fc
  .oneof(
    fc.record({ date: dates, timeZone: zones }),
    fc.record({ dateTime: fc.tuple(dates, times).map((parts) => parts.join('T')), timeZone: zones }),
  )
  .filter((due) => dueSchema.safeParse(due).success);
const texts = (maxLength: number) =>
  fc
    .array(
      fc.oneof(
        fc.string({ unit: 'grapheme', maxLength: 30 }),
        fc.constantFrom(
          '\n',
          '\r\n',
          '\r',
          '\t',
          ',',
          ';',
          ':',
          '\\',
          '\\n',
          '"',
          '🎂'.repeat(20),
          'ä'.repeat(75),
          ' ',
        ),
        fc.constantFrom('BEGIN:VEVENT', 'END:VCALENDAR', '\r\nEND:VTODO\r\n', '\u2028', '\v', '\x07', '\x7f'),
      ),
      { minLength: 1, maxLength },
    )
    .map((parts) => parts.join(''));
const instants = fc
  .date({ min: new Date('1990-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
  .map((date) => `${date.toISOString().slice(0, 19)}.000Z`);

const tasks: fc.Arbitrary<CalendarTask> = fc
  .record({
    id: fc.uuid(),
    title: texts(4),
    description: fc.option(texts(30).filter((text) => text !== '')),
    priority: fc.constantFrom('low', 'medium', 'high'),
    // The reader takes the end of an escaped backslash before a comma for the escape of the comma.
    tags: fc.uniqueArray(texts(2), { maxLength: 3 }).map((tags) => tags.filter((tag) => !asText(tag).endsWith('\\'))),
    due: fc.option(dues),
    version: fc.integer({ min: 1, max: 1000 }),
    updatedAt: instants,
    completedAt: fc.option(instants),
    remindAt: fc.uniqueArray(instants, { maxLength: 3 }),
  })
  .map((task) => ({ ...task, status: task.completedAt ? 'completed' : 'open' }));

/** What is left of a text that was written as a TEXT value. */
const asText = (text: string) =>
  text.replaceAll(/\r\n|[\r\v\f\u0085\u2028\u2029]/g, '\n').replaceAll(/(?![\t\n])\p{Cc}/gu, '');

const alarmsOf = (entry: ICAL.Component) =>
  entry.getAllSubcomponents('valarm').map((alarm) => timeOf(alarm, 'trigger'));

test('random tasks come back from another reader as they are: texts, due times, states and reminders', async () => {
  const property = fc.asyncProperty(fc.array(tasks, { minLength: 1, maxLength: 5 }), async (list) => {
    const text = await calendarFile({ name: 'a', tasks: list, series: [], isCut: false }, 'tasks', now);
    for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75);
    expect(text.replaceAll('\r\n', '')).not.toMatch(/[\r\n\v\f\u2028]/);
    const entries = readCalendar(text).getAllSubcomponents('vtodo');
    expect(entries).toHaveLength(list.length);
    for (const [index, task] of list.entries()) {
      const entry = entries[index] as ICAL.Component;
      const value = (name: string) => entry.getFirstPropertyValue(name);
      expect(value('uid')).toBe(task.id);
      expect(value('summary')).toBe(asText(task.title));
      expect(value('description')).toBe(task.description === null ? null : asText(task.description));
      expect(entry.getFirstProperty('categories')?.getValues() ?? []).toEqual(task.tags.map(asText));
      expect(value('priority')).toBe({ high: 1, medium: 5, low: 9 }[task.priority]);
      expect(value('status')).toBe(task.completedAt ? 'COMPLETED' : 'NEEDS-ACTION');
      expect(timeOf(entry, 'completed')).toBe(task.completedAt ?? undefined);
      expect(timeOf(entry, 'due')).toBe(dueTime(task));
      expect(alarmsOf(entry)).toEqual(task.remindAt);
    }
  });
  await fc.assert(property, { numRuns: 300 });
});

function dueTime({ due }: CalendarTask): string | undefined {
  if (!due) return undefined;
  return 'date' in due ? due.date : instantOf(due.dateTime, due.timeZone, 'shift').toISOString();
}

const WEEKDAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const part = <T>(name: string, values: fc.Arbitrary<T>) =>
  fc.option(
    values.map((value) => `;${name}=${value}`),
    { nil: '' },
  );
const some = (values: readonly (string | number)[]) => fc.subarray([...values], { minLength: 1, maxLength: 3 });
const interval = part('INTERVAL', fc.integer({ min: 1, max: 4 }));
const end = fc.oneof(
  { weight: 2, arbitrary: fc.constant('') },
  fc.integer({ min: 2, max: 40 }).map((count) => `;COUNT=${count}`),
  dates.filter((date) => date > '2027').map((date) => `;UNTIL=${date.replaceAll('-', '')}`),
);
const monthDays = some([1, 13, 15, 28, 29, 30, 31, -1, -3]);
const months = part('BYMONTH', some([1, 2, 3, 4, 6, 11, 12]));
const rules = fc.oneof(
  fc.tuple(fc.constant('FREQ=DAILY'), interval, months),
  fc.tuple(
    fc.constant('FREQ=WEEKLY'),
    interval,
    part('BYDAY', some(WEEKDAYS)),
    part('WKST', fc.constantFrom('SU', 'MO')),
  ),
  fc.tuple(fc.constant('FREQ=MONTHLY'), interval, months, part('BYMONTHDAY', monthDays)),
  fc.tuple(fc.constant('FREQ=MONTHLY'), interval, part('BYDAY', some(['1MO', '2TU', '-1FR', '3SU', 'WE']))),
  fc.tuple(fc.constant('FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS='), fc.constantFrom('1', '-1', '2')),
  fc.tuple(fc.constant('FREQ=YEARLY'), interval, months),
  fc.tuple(fc.constant('FREQ=YEARLY'), months, part('BYMONTHDAY', monthDays)),
);
const calendars: fc.Arbitrary<Calendar> = fc
  .record({
    rule: fc.tuple(rules, end).map(([parts, last]) => parts.join('') + last),
    start: fc
      .tuple(dates, fc.constantFrom('', 'T09:00:00', 'T23:30:00'))
      .map(([date, time]) => `2026${date.slice(4)}${time}`),
    timeZone: zones,
    overflow: fc.constantFrom('clamp', 'skip'),
    gap: fc.constant('shift'),
    exdates: fc.constant<string[]>([]),
    rdates: fc.constant<string[]>([]),
  })
  .filter(
    (calendar) =>
      dueSchema.safeParse(
        isAllDay(calendar.start)
          ? { date: calendar.start, timeZone: calendar.timeZone }
          : { dateTime: calendar.start, timeZone: calendar.timeZone },
      ).success,
  );

const shown = ({ local, at }: Occurrence) => (isAllDay(local) ? local : at.toISOString());

/** The reader knows clock changes until then. */
const READERS_END = '2034';

test('what another reader makes of a series is what this one makes of it, for its next 20 times', async () => {
  let compared = 0;
  const property = fc.asyncProperty(calendars, fc.nat(6), fc.nat(3), async (calendar, passed, skipped) => {
    let next: Occurrence | null;
    try {
      next = checkRule(calendar, '/rule');
    } catch {
      fc.pre(false);
      return;
    }
    for (let index = 0; next && index < passed; index += 1) next = nextOccurrence(calendar, next.local);
    if (!next) return;
    const ahead = [next];
    for (let last: Occurrence | null = next; ahead.length < 30; ahead.push(last)) {
      last = nextOccurrence(calendar, last.local);
      if (!last) break;
    }
    const taken = ahead
      .slice(1)
      .filter((_, index) => skipped > 0 && index % (skipped + 3) === skipped)
      .map(({ local }) => local);
    const series = seriesOf(calendar, next, taken);
    const before = new Date(next.at.getTime() - 1000);
    const text = await calendarFile({ name: null, tasks: [], series: [series], isCut: false }, 'tasks', before);
    const [entry] = readCalendar(text).getAllSubcomponents('vtodo');
    const rdates = entry?.hasProperty('rdate') ? 12 : 20;
    const expected = ahead
      .filter(({ local }) => !taken.includes(local))
      .map(shown)
      .filter((time) => time < READERS_END)
      .slice(0, rdates);
    const told = entry
      ? timesOf(entry, rdates)
          .filter((time) => time < READERS_END)
          .slice(0, expected.length)
      : [];
    expect(told).toEqual(expected);
    compared += expected.length;
  });
  await fc.assert(property, { numRuns: 500 });
  expect(compared).toBeGreaterThan(1000);
});

function seriesOf(calendar: Calendar, next: Occurrence, taken: readonly string[]): CalendarSeries {
  const template = { title: 'a', description: null, priority: 'low' as const, tags: [], reminders: [] };
  return { id: 'a', template, createdAt: now.toISOString(), calendar, next, taken };
}
