import { Temporal } from 'temporal-polyfill';
import { describe, expect, it } from 'vitest';
import { ODD_ZONES } from '../../infra/testing/randomCalendar.ts';
import { existsIn, instantOf, localDateTimeOf, startOfDay } from './time.ts';
import { isKnownZone, offsetAt } from './zoneOffset.ts';

/*
 * Compared with Temporal at every clock change from 1970 to 2040, in odd zones and in every eighth other one:
 * RECURRENCE_SEED chooses which.
 */

const SEED = Number(process.env.RECURRENCE_SEED ?? 1);
const MINUTE = 60 * 1000;
const HOUR = 60 * MINUTE;
const LAST = Date.UTC(2040, 0);
const zones = [
  ...new Set([...ODD_ZONES, ...Intl.supportedValuesOf('timeZone').filter((_, index) => index % 8 === SEED % 8)]),
];

const zonedAt = (instant: number, timeZone: string) =>
  Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(timeZone);

const wallTimeOf = (zoned: Temporal.ZonedDateTime) => zoned.toPlainDateTime().toString({ smallestUnit: 'second' });

/** The instants at which the clocks of a zone change. */
function changesOf(timeZone: string): number[] {
  const changes: number[] = [];
  let change = zonedAt(0, timeZone).getTimeZoneTransition('next');
  while (change && change.epochMilliseconds < LAST) {
    changes.push(change.epochMilliseconds);
    change = change.getTimeZoneTransition('next');
  }
  return changes;
}

/** Wall times about a change: before it, in what it skips or repeats, and after it. */
function wallTimesAbout(change: number, timeZone: string): string[] {
  const [before, after] = [wallTimeOf(zonedAt(change - 1000, timeZone)), wallTimeOf(zonedAt(change, timeZone))];
  const middle = (Date.parse(`${before}Z`) + Date.parse(`${after}Z`)) / 2;
  const inside = new Date(Math.floor(middle / 1000) * 1000).toISOString().slice(0, 19);
  return [before, inside, after];
}

describe('clock changes', () => {
  const changes = zones.flatMap((timeZone) => changesOf(timeZone).map((change) => ({ timeZone, change })));

  it(`are when Temporal has them: ${changes.length} in ${zones.length} zones`, { timeout: 120_000 }, () => {
    for (const { timeZone, change } of changes) {
      for (const instant of [change - 1, change, change - 30 * HOUR, change + 30 * HOUR]) {
        const zoned = zonedAt(instant, timeZone);
        expect(offsetAt(instant, timeZone), `${timeZone} ${zoned}`).toBe(zoned.offsetNanoseconds / 1e6);
        expect(localDateTimeOf(new Date(instant), timeZone)).toBe(wallTimeOf(zoned).slice(0, 19));
      }
    }
    expect(changes.length).toBeGreaterThan(1000);
  });

  it('skip and repeat the wall times that they do for Temporal', { timeout: 120_000 }, () => {
    let skipped = 0;
    for (const { timeZone, change } of changes) {
      for (const local of wallTimesAbout(change, timeZone)) {
        const zoned = Temporal.PlainDateTime.from(local).toZonedDateTime(timeZone);
        const exists = wallTimeOf(zoned) === local;
        skipped += exists ? 0 : 1;
        expect(instantOf(local, timeZone, 'shift').getTime(), `${timeZone} ${local}`).toBe(zoned.epochMilliseconds);
        expect(existsIn(timeZone, local), `${timeZone} ${local}`).toBe(exists);
      }
    }
    expect(skipped).toBeGreaterThan(300);
  });

  it('start days when they do for Temporal', { timeout: 120_000 }, () => {
    for (const { timeZone, change } of changes) {
      const before = zonedAt(change - 1000, timeZone).toPlainDate();
      for (const date of [before, before.add({ days: 1 })]) {
        const start = date.toZonedDateTime(timeZone);
        expect(startOfDay(`${date}`, timeZone).getTime(), `${timeZone} ${date}`).toBe(start.epochMilliseconds);
        expect(existsIn(timeZone, `${date}`), `${timeZone} ${date}`).toBe(start.toPlainDate().equals(date));
      }
    }
  });
});

describe('a zone', () => {
  it('can have an offset with seconds', () => {
    expect(offsetAt(0, 'Africa/Monrovia')).toBe(-(44 * MINUTE + 30_000));
    expect(instantOf('1971-06-01T12:00:00', 'Africa/Monrovia', 'reject')).toEqual(new Date('1971-06-01T12:44:30Z'));
    expect(instantOf('1972-01-07T00:20:00', 'Africa/Monrovia', 'reject')).toBeNull();
  });

  it('can leave out a day', () => {
    for (const [timeZone, date] of [
      ['Pacific/Apia', '2011-12-30'],
      ['Pacific/Kwajalein', '1993-08-21'],
    ] as const) {
      expect(existsIn(timeZone, date)).toBe(false);
      expect(existsIn(timeZone, `${date}T12:00:00`)).toBe(false);
    }
  });

  it('is forgotten when there are many, and known again', () => {
    for (const timeZone of Intl.supportedValuesOf('timeZone')) expect(isKnownZone(timeZone)).toBe(true);
    expect(offsetAt(0, 'Asia/Kathmandu')).toBe(5.5 * HOUR);
    expect(isKnownZone('Mars/Olympus')).toBe(false);
  });
});
