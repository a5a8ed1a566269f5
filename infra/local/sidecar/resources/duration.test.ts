import { expect, it } from 'vitest';
import { parseDuration } from './duration.ts';

it.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['1h30m', 5_400_000],
  ['1.5s', 1_500],
  ['250', 250],
  ['100us', 0.1],
])('%s is %d milliseconds', (text, milliseconds) => {
  expect(parseDuration(text)).toBeCloseTo(milliseconds);
});

it.each(['', 'soon', '5 s', '-1s', '1d', 's'])('%j is no duration', (text) => {
  expect(() => parseDuration(text)).toThrow('is not a duration');
});
