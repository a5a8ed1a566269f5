import { parseDuration } from '../resources/duration.ts';

/**
 * Reads a duration as Go's `time.ParseDuration` does: with a sign, and 0 alone without a unit.
 * @returns milliseconds; undefined where the text is none
 */
export function goDurationMs(text: string): number | undefined {
  const [, sign, amount = ''] = /^([+-]?)(.*)$/.exec(text) ?? [];
  if (/^\d+$/.test(amount)) return Number(amount) === 0 ? 0 : undefined;
  try {
    return (sign === '-' ? -1 : 1) * parseDuration(amount);
  } catch {
    return undefined;
  }
}
