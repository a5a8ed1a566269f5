import { expect, it } from 'vitest';
import { parsePointInTime } from './pointInTime.ts';

const from = Date.parse('2026-01-31T10:00:00Z');

it.each([
  ['2026-11-28T12:00:00.25Z', '2026-11-28T12:00:00.250Z'],
  ['2026-11-28T12:00:00+02:00', '2026-11-28T10:00:00.000Z'],
  ['1h30m', '2026-01-31T11:30:00.000Z'],
  ['1500ms', '2026-01-31T10:00:01.500Z'],
  ['-1.5s', '2026-01-31T09:59:58.500Z'],
  ['+1s', '2026-01-31T10:00:01.000Z'],
  ['0', '2026-01-31T10:00:00.000Z'],
  ['PT1H2M3S', '2026-01-31T11:02:03.000Z'],
  ['P2W1D', '2026-02-15T10:00:00.000Z'],
  // Go goes on into the next month, as JavaScript does.
  ['P1M', '2026-03-03T10:00:00.000Z'],
  ['P1Y2M3D', '2027-04-03T10:00:00.000Z'],
])('%s is %s', (text, time) => {
  expect(new Date(parsePointInTime(text, from) ?? Number.NaN).toISOString()).toBe(time);
});

it.each(['', 'soon', '5', '-', '1', '1d', 'P', 'PT', 'R3/PT1H', '2026-11-28', '2026-13-01T00:00:00Z', '1h soon'])(
  '"%s" is none',
  (text) => {
    expect(parsePointInTime(text, from)).toBeUndefined();
  },
);
