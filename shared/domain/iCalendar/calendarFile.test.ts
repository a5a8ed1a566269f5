import { describe, expect, test } from 'vitest';
import { readCalendar, timesOf } from '../../../infra/testing/readCalendar.ts';
import type { Due } from '../due.ts';
import type { Calendar } from '../recurrence.ts';
import { calendarFile } from './calendarFile.ts';
import { textValue, writeLines } from './contentLines.ts';
import type { CalendarSeries, CalendarTask } from './entries.ts';

const now = new Date('2026-11-28T12:00:00Z');
const empty = { name: null, tasks: [], series: [], isCut: false };

const task = (fields: Partial<CalendarTask> = {}): CalendarTask => ({
  ...{ id: '7', title: 'Pay rent', description: null, priority: 'medium', tags: [], status: 'open', due: null },
  ...{ version: 3, updatedAt: '2026-11-20T10:00:00.000Z', completedAt: null, remindAt: [] },
  ...fields,
});
const series = (calendar: Partial<Calendar>, next: string, fields: Partial<CalendarSeries> = {}): CalendarSeries => ({
  ...{ id: 's', updatedAt: '2026-11-20T10:00:00.000Z', taken: [] },
  template: { title: 'Pay rent', description: null, priority: 'medium', tags: [], reminders: [] },
  calendar: {
    ...{ rule: 'FREQ=MONTHLY', start: next, timeZone: 'Europe/Madrid', overflow: 'clamp', gap: 'shift' },
    ...{ exdates: [], rdates: [] },
    ...calendar,
  },
  next: { local: next, at: new Date(`${next.slice(0, 10)}T08:00:00Z`) },
  ...fields,
});
const fileOf = (content: Partial<typeof empty> | object, as: 'tasks' | 'events' = 'tasks') =>
  calendarFile({ ...empty, ...content }, as, now);
const linesOf = async (content: object, as?: 'tasks' | 'events') => (await fileOf(content, as)).split('\r\n');
const ruleOf = async (calendar: Partial<Calendar>, next: string) =>
  (await linesOf({ series: [series(calendar, next)] }))
    .filter((line) => /^(RRULE|RDATE|EXDATE|DTSTART)/.test(line))
    .slice(-2);

test('a file says what it is, and has no METHOD, which would make it an invitation', async () => {
  expect(await linesOf({ name: 'Home; mine' })).toEqual([
    ...['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Evolution Todo//Evolution Todo//EN', 'CALSCALE:GREGORIAN'],
    ...['NAME:Home\\; mine', 'X-WR-CALNAME:Home\\; mine'],
    ...['REFRESH-INTERVAL;VALUE=DURATION:PT1H', 'X-PUBLISHED-TTL:PT1H', 'END:VCALENDAR', ''],
  ]);
});

test('a task is a to-do with all that is known of it', async () => {
  const due: Due = { dateTime: '2026-12-01T09:00:00', timeZone: 'Europe/Madrid' };
  const text = await fileOf({ tasks: [task({ due, tags: ['home', 'a,b'], remindAt: ['2026-12-01T07:30:00.000Z'] })] });
  expect(text.slice(text.indexOf('BEGIN:VTODO')).split('\r\n')).toEqual([
    ...['BEGIN:VTODO', 'UID:7', 'DTSTAMP:20261120T100000Z', 'SEQUENCE:3', 'DUE;TZID=Europe/Madrid:20261201T090000'],
    ...['STATUS:NEEDS-ACTION', 'SUMMARY:Pay rent', 'PRIORITY:5', 'CATEGORIES:home,a\\,b'],
    ...['BEGIN:VALARM', 'ACTION:DISPLAY', 'TRIGGER;VALUE=DATE-TIME:20261201T073000Z', 'DESCRIPTION:Pay rent'],
    ...['END:VALARM', 'END:VTODO', 'END:VCALENDAR', ''],
  ]);
});

test('an event blocks no time', async () => {
  const due: Due = { date: '2026-12-01', timeZone: 'Europe/Madrid' };
  expect(await linesOf({ tasks: [task({ due })] }, 'events')).toEqual(
    expect.arrayContaining(['BEGIN:VEVENT', 'DTSTART;VALUE=DATE:20261201', 'TRANSP:TRANSPARENT']),
  );
});

test('what floats is told without a zone, and so is shown in that of its reader (RFC 5545 3.3.5, form 1)', async () => {
  const zone = { timeZone: 'Europe/Madrid', floating: true } as const;
  const lines = await linesOf({
    tasks: [task({ due: { dateTime: '2026-12-01T09:00:00', ...zone } })],
    series: [series({ ...zone, rule: 'FREQ=DAILY;UNTIL=20261231T220000Z' }, '2026-12-02T09:00:00')],
  });
  expect(lines).toEqual(expect.arrayContaining(['DUE:20261201T090000', 'DTSTART:20261202T090000']));
  expect(lines.find((line) => line.startsWith('RRULE'))).toContain('UNTIL=20261231T230000');
  expect(lines.join()).not.toMatch(/VTIMEZONE|TZID|UNTIL=\w+Z/);
});

describe('what public reports show going wrong', () => {
  test('no line is longer than 75 octets, and no character is cut (ical4j/ical4j#800, sebbo2002/ical-generator#221)', () => {
    for (let before = 0; before < 80; before += 1) {
      const line = `SUMMARY:${'a'.repeat(before)}${'📞ä漢'.repeat(40)}`;
      const text = writeLines([line]);
      expect(text.split('\r\n').every((part) => Buffer.byteLength(part) <= 75 && part.isWellFormed())).toBe(true);
      expect(text.replaceAll('\r\n ', '')).toBe(`${line}\r\n`);
    }
  });

  test('every kind of line break becomes \\n, other control characters go (ical4j/ical4j#590, collective/icalendar#1723)', () => {
    expect(textValue('a\r\nb\rc\nd\ve\u2028f\u0085g')).toBe('a\\nb\\nc\\nd\\ne\\nf\\ng');
    expect(textValue('a\x07b\x7fc\td\\n;,')).toBe('abc\td\\\\n\\;\\,');
  });

  test('FREQ stands first, in capitals (ridafkih/keeper.sh#398, nwcell/ics.js#52)', async () => {
    const rule = 'BYDAY=MO,TH;INTERVAL=2;FREQ=WEEKLY';
    expect(await ruleOf({ rule, start: '2026-11-02T09:00:00' }, '2026-11-30T09:00:00')).toEqual([
      'DTSTART;TZID=Europe/Madrid:20261130T090000',
      'RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH',
    ]);
  });

  test.each([
    ['FREQ=DAILY;UNTIL=20270301', '2026-12-01T09:00:00', 'RRULE:FREQ=DAILY;UNTIL=20270301T080000Z'],
    ['FREQ=DAILY;UNTIL=20270301T235959Z', '2026-12-01T09:00:00', 'RRULE:FREQ=DAILY;UNTIL=20270301T235959Z'],
    ['FREQ=DAILY;UNTIL=20270301', '2026-12-01', 'RRULE:FREQ=DAILY;UNTIL=20270301'],
    ['FREQ=DAILY;COUNT=10', '2026-12-01', 'RRULE:FREQ=DAILY;UNTIL=20261210'],
  ])('the end is of the type of the start (lennart-k/rustical#198): %s from %s', async (rule, next, line) => {
    expect((await ruleOf({ rule }, next)).at(-1)).toBe(line);
  });

  test('times that are left out are told as the start is (ridafkih/keeper.sh#397), and only ones of the rule', async () => {
    const exdates = ['2026-12-02T09:00:00', '2026-12-05T09:00:00'];
    const lines = await ruleOf({ rule: 'FREQ=WEEKLY;BYDAY=WE,TH', exdates }, '2026-12-01T09:00:00');
    expect(lines.at(-1)).toBe('EXDATE;TZID=Europe/Madrid:20261202T090000');
  });

  test('UTC and what is like it has no TZID (derekantrican/GAS-ICS-Sync#148, ietf-tools/datatracker#8498)', async () => {
    for (const timeZone of ['UTC', 'Etc/UTC', 'GMT']) {
      const lines = await linesOf({ tasks: [task({ due: { dateTime: '2026-12-01T09:00:00', timeZone } })] });
      expect(lines).toContain('DUE:20261201T090000Z');
      expect(lines.join()).not.toContain('TIMEZONE');
    }
  });

  test('every zone that is named is described, once (ridafkih/keeper.sh#586)', async () => {
    const zones = ['Europe/Madrid', 'America/Edmonton', 'Europe/Madrid'];
    const tasks = zones.map((timeZone) => task({ due: { dateTime: '2026-12-01T09:00:00', timeZone } }));
    const described = (await linesOf({ tasks })).filter((line) => line.startsWith('TZID:'));
    expect(described).toEqual(['TZID:Europe/Madrid', 'TZID:America/Edmonton']);
  });

  test('a day on which a task is due stays that day everywhere (calcom/cal.diy#14641)', async () => {
    const due: Due = { date: '2026-12-01', timeZone: 'Pacific/Kiritimati' };
    expect(await linesOf({ tasks: [task({ due })] })).toContain('DUE;VALUE=DATE:20261201');
  });
});

describe('a series', () => {
  test.each([
    ['on the 31st is on the last day', 'FREQ=MONTHLY', '2026-01-31', '2026-11-30', 'RRULE:FREQ=MONTHLY;BYMONTHDAY=-1'],
    [
      'on a leap day is on the last of February',
      'FREQ=YEARLY',
      '2024-02-29',
      '2027-02-28',
      'RRULE:FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=-1',
    ],
    ['on the 30th is listed, for want of a rule', 'FREQ=MONTHLY', '2026-01-30', '2027-02-28', 'RDATE;VALUE=DATE'],
    ['on the 28th is as it was given', 'FREQ=MONTHLY', '2026-01-28', '2026-12-28', 'RRULE:FREQ=MONTHLY;BYMONTHDAY=28'],
  ])('that clamps: %s', async (_, rule, start, next, line) => {
    const lines = await ruleOf({ rule, start }, next);
    expect(lines[0]).toBe(`DTSTART;VALUE=DATE:${next.replaceAll('-', '')}`);
    expect(lines[1]?.startsWith(line)).toBe(true);
  });

  test('whose next time is long past begins with the first that is ahead', async () => {
    const calendar = { rule: 'FREQ=DAILY', start: '2026-11-01' };
    expect((await ruleOf(calendar, '2026-11-02'))[0]).toBe('DTSTART;VALUE=DATE:20261129');
  });

  test('leaves out the times that have a task already', async () => {
    const taken = ['2026-12-01', '2026-12-03'];
    const text = await fileOf({ series: [series({ rule: 'FREQ=DAILY' }, '2026-12-01', { taken })] });
    const [entry] = readCalendar(text).getAllSubcomponents('vtodo');
    expect(entry && timesOf(entry, 3)).toEqual(['2026-12-02', '2026-12-04', '2026-12-05']);
  });

  test('reminds of each of its times: of a day, counted from its morning', async () => {
    const reminders = ['P1D', 'PT0S', 'P1WT1H5S'].map((before) => ({ before }));
    const template = { title: 'a', description: null, priority: 'low' as const, tags: [], reminders };
    const triggers = async (next: string) =>
      (await linesOf({ series: [series({ rule: 'FREQ=DAILY' }, next, { template })] })).filter((line) =>
        line.startsWith('TRIGGER'),
      );
    expect(await triggers('2026-12-01T09:00:00')).toEqual(['TRIGGER:-P1D', 'TRIGGER:-PT0S', 'TRIGGER:-P7DT1H0M5S']);
    expect(await triggers('2026-12-01')).toEqual(['TRIGGER:-PT15H', 'TRIGGER:PT9H', 'TRIGGER:-P6DT16H0M5S']);
  });

  test('of more than can be worked out shows its next time, and none that is past', async () => {
    const many = Array.from({ length: 150 }, (_, index) =>
      series({ rule: 'FREQ=DAILY;COUNT=40' }, index % 2 ? '2026-12-01' : '2026-12-02', { id: String(index) }),
    );
    const entries = readCalendar(await fileOf({ series: many })).getAllSubcomponents('vtodo');
    expect(entries).toHaveLength(150);
    expect(entries.filter((entry) => entry.hasProperty('rrule'))).toHaveLength(100);
    const late = Array.from({ length: 150 }, (_, index) =>
      series({ rule: 'FREQ=DAILY' }, '2026-11-02', { id: String(index) }),
    );
    expect(readCalendar(await fileOf({ series: late })).getAllSubcomponents('vtodo')).toHaveLength(100);
  });
});

test('of more zones than anybody lives in, the others are told in UTC, at the same instants', async () => {
  const zones = Intl.supportedValuesOf('timeZone').slice(0, 60);
  const tasks = zones.map((timeZone) => task({ due: { dateTime: '2026-12-01T09:00:00', timeZone } }));
  const lines = await linesOf({ tasks });
  expect(lines.filter((line) => line === 'BEGIN:VTIMEZONE').length).toBeLessThanOrEqual(40);
  expect(lines.filter((line) => line.startsWith('DUE'))).toHaveLength(60);
  expect(lines.filter((line) => /^DUE:\d{8}T\d{6}Z$/.test(line)).length).toBeGreaterThanOrEqual(20);
});
