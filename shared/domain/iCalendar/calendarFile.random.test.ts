import * as fc from 'fast-check';
import type ICAL from 'ical.js';
import { expect, test } from 'vitest';
import { readCalendar, timeOf } from '../../../infra/testing/readCalendar.ts';
import { dueSchema } from '../due.ts';
import { instantOf, localDateTimeOf } from '../time.ts';
import { calendarFile } from './calendarFile.ts';
import type { CalendarTask } from './entries.ts';

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
  .filter((due) => dueSchema.safeParse(due).success && ('date' in due || isShownOnce(due)));

/** Of a time that clocks show twice, the first is meant (RFC 5545 3.3.5), but the reader takes one or the other. */
function isShownOnce({ dateTime, timeZone }: { dateTime: string; timeZone: string }): boolean {
  const first = instantOf(dateTime, timeZone, 'shift').getTime();
  return [30, 60, 120].every((minutes) => localDateTimeOf(new Date(first + minutes * 60_000), timeZone) !== dateTime);
}

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

test('random tasks come back from another reader as they are: texts, due times, states and reminders', {
  timeout: 240_000,
}, async () => {
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
  await fc.assert(property, { numRuns: 150, seed: 5545 });
});

function dueTime({ due }: CalendarTask): string | undefined {
  if (!due) return undefined;
  return 'date' in due ? due.date : instantOf(due.dateTime, due.timeZone, 'shift').toISOString();
}
