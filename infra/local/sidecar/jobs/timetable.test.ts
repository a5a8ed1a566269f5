import { expect, it } from 'vitest';
import { parseTimetable } from './timetable.ts';

const from = Date.parse('2026-03-28T22:30:15.500Z');
const after = (schedule: string) => new Date(parseTimetable(schedule)(from) ?? Number.NaN).toISOString();

it.each([
  ['@every 300ms', '2026-03-28T22:30:15.800Z'],
  ['@every 1h', '2026-03-28T23:30:15.500Z'],
  ['* * * * * *', '2026-03-28T22:30:16.000Z'],
  ['0 0 * * * *', '2026-03-28T23:00:00.000Z'],
  ['0 0 12 ? * MON', '2026-03-30T12:00:00.000Z'],
  ['@hourly', '2026-03-28T23:00:00.000Z'],
  ['@daily', '2026-03-29T00:00:00.000Z'],
  ['CRON_TZ=Europe/Berlin 0 0 4 * * *', '2026-03-29T02:00:00.000Z'],
])('%s comes next at %s', (schedule, time) => {
  expect(after(schedule)).toBe(time);
});

it.each(['', 'whenever', '* * * * *', '0 0 0 L * *', '@every', '@every soon', '@fortnightly', '99 * * * * *'])(
  '"%s" is none',
  (schedule) => {
    expect(() => parseTimetable(schedule)).toThrow();
  },
);
