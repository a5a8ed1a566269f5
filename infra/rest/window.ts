/** A time span, in milliseconds since 1970; its end is not part of it. */
export interface Window {
  from: number;
  to: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** What the tick of a full hour sets going has ended by then: functions sleep after half a minute, Neon after five. */
const AFTERMATH_MS = 6 * MINUTE_MS;

/** The full hours in a window, at which hourly crons come. */
export function fullHoursIn({ from, to }: Window): number[] {
  const hours: number[] = [];
  for (let hour = Math.ceil(from / HOUR_MS) * HOUR_MS; hour < to; hour += HOUR_MS) hours.push(hour);
  return hours;
}

/**
 * How long to wait before a window of this length begins, so that all that the tick of its last full hour sets going lies
 * within it. One of less than an hour begins at once: it need not have a full hour at all.
 */
export function delayBefore(now: number, lengthMs: number): number {
  if (lengthMs < HOUR_MS) return 0;
  const behindFullHour = (now + lengthMs) % HOUR_MS;
  return Math.max(0, AFTERMATH_MS - behindFullHour);
}

/** How long at least one of some spans goes on, within a window, in milliseconds. */
export function coveredMs(spans: readonly Window[], { from, to }: Window): number {
  let covered = 0;
  let until = from;
  for (const span of [...spans].sort((one, other) => one.from - other.from)) {
    const begin = Math.max(span.from, until);
    const end = Math.min(span.to, to);
    if (end <= begin) continue;
    covered += end - begin;
    until = end;
  }
  return covered;
}
