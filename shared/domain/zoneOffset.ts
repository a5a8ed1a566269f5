/*
 * Offsets of time zones from UTC, in milliseconds, as the time zone database of the platform has them. Intl shows what
 * clocks show, which takes a few microseconds: so offsets are read every few days, and in between only near a change.
 */

const DAY_MS = 24 * 60 * 60 * 1000;
/** Since 1970 no zone has taken back a change within less than 6.9 days (Recife, October 2000; Gaza will, in 2040). */
const STEP_MS = 4 * DAY_MS;
/** More than one process has to do with; then all are forgotten, so that they never fill its memory. */
const MOST_ZONES = 50;

interface Zone {
  clock: Intl.DateTimeFormat;
  /** Offsets that were read, by the number of the step at whose start they hold. */
  offsets: Map<number, number>;
}

const zones = new Map<string, Zone>();

/** Whether the platform knows a time zone of this name. */
export function isKnownZone(name: string): boolean {
  try {
    return zoneOf(name) !== undefined;
  } catch {
    return false;
  }
}

/** How far the clocks of a zone are ahead of UTC (behind it, if negative) at an instant, both in milliseconds. */
export function offsetAt(instant: number, timeZone: string): number {
  const zone = zoneOf(timeZone);
  const step = Math.floor(instant / STEP_MS);
  const offset = offsetAtStep(zone, step);
  return offset === offsetAtStep(zone, step + 1) ? offset : readOffset(zone, instant);
}

/**
 * The instant at which clocks of a zone show a wall time, which is given as if it were in UTC; the first, where they show
 * it twice. `skipped`: they never show it, and the instant is that of the same time on the clock before the change.
 */
export function instantAtWallTime(wallTime: number, timeZone: string): { instant: number; skipped: boolean } {
  // No clock is a day off, so that the one offset held before and the other after whatever change there is.
  const before = wallTime - offsetAt(wallTime - DAY_MS, timeZone);
  const after = wallTime - offsetAt(wallTime + DAY_MS, timeZone);
  const shows = (instant: number) => instant + offsetAt(instant, timeZone) === wallTime;
  const instant = [before, after].find(shows);
  return { instant: instant ?? before, skipped: instant === undefined };
}

function offsetAtStep(zone: Zone, step: number): number {
  const known = zone.offsets.get(step);
  if (known !== undefined) return known;
  const offset = readOffset(zone, step * STEP_MS);
  zone.offsets.set(step, offset);
  return offset;
}

function readOffset({ clock }: Zone, instant: number): number {
  const [month = 0, day, year = 0, hour, minute, second] = clock.format(instant).split(/\D+/).map(Number);
  const wholeSecond = Math.floor(instant / 1000) * 1000;
  return Date.UTC(year, month - 1, day, hour, minute, second) - wholeSecond;
}

/** Throws a RangeError if there is no such zone. */
function zoneOf(timeZone: string): Zone {
  const known = zones.get(timeZone);
  if (known) return known;
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const zone = { clock, offsets: new Map() };
  if (zones.size >= MOST_ZONES) zones.clear();
  zones.set(timeZone, zone);
  return zone;
}
