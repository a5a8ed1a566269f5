import { describe, expect, it } from 'vitest';
import { coveredMs, delayBefore, fullHoursIn } from './window.ts';

const at = (text: string) => Date.parse(`2026-03-01T${text}Z`);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('the full hours of a window', () => {
  it.each([
    ['none in the minutes between two', '09:10:00', '09:59:00', []],
    ['one in any sixty minutes', '09:10:00', '10:10:00', ['10:00:00']],
    ['its beginning, but not its end', '09:00:00', '10:00:00', ['09:00:00']],
    ['each of several', '08:30:00', '10:30:00', ['09:00:00', '10:00:00']],
  ])('are %s', (_, from, to, hours) => {
    expect(fullHoursIn({ from: at(from), to: at(to) })).toEqual(hours.map(at));
  });
});

describe('a window', () => {
  it.each([
    ['begins at once, where its last full hour is long enough before its end', '09:10:00', HOUR, 0],
    ['waits where it would end just behind a full hour', '09:01:30', HOUR, 4.5 * MINUTE],
    ['begins at once where it is shorter than an hour', '09:59:30', MINUTE, 0],
  ])('%s', (_, now, length, delay) => expect(delayBefore(at(now), length)).toBe(delay));
});

describe('what spans cover', () => {
  it.each([
    ['nothing, where there are none', [], 0],
    [
      'those that overlap once',
      [
        [10, 40],
        [20, 50],
      ],
      40,
    ],
    [
      'those within others once',
      [
        [10, 50],
        [20, 30],
      ],
      40,
    ],
    [
      'of those that reach out of the window what is in it',
      [
        [-50, 10],
        [90, 400],
      ],
      20,
    ],
    [
      'them in any order',
      [
        [60, 70],
        [10, 20],
      ],
      20,
    ],
  ])('is %s', (_, spans, covered) => {
    const windows = spans.map(([from = 0, to = 0]) => ({ from, to }));
    expect(coveredMs(windows, { from: 0, to: 100 })).toBe(covered);
  });
});
