import type { Zone } from '../due.ts';
import { isAllDay } from '../recurrence.ts';
import { instantOf } from '../time.ts';

/** How times of a zone are told: by its clocks, where the file has its VTIMEZONE, or else in UTC. */
export type KnownZones = Pick<ReadonlySet<string>, 'has'>;

/** An instant as RFC 5545 3.3.5 writes it in UTC: `20261201T080000Z`. */
export function utcValue(instant: Date): string {
  return `${localValue(instant.toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length))}Z`;
}

/** A local date or date-time as RFC 5545 3.3.4 and 3.3.5 write it: `20261201` or `20261201T090000`. */
export function localValue(local: string): string {
  return local.replaceAll(/[-:]/g, '');
}

/** A property of local dates, or of local times in a zone or floating (RFC 5545 3.3.5, form 1), all of one kind. */
export function timesProperty(
  name: string,
  locals: readonly string[],
  { timeZone, floating, zones }: Zone & { zones: KnownZones },
): string {
  if (locals.every(isAllDay)) return `${name};VALUE=DATE:${locals.map(localValue)}`;
  if (floating) return `${name}:${locals.map(localValue)}`;
  if (zones.has(timeZone)) return `${name};TZID=${timeZone}:${locals.map(localValue)}`;
  return `${name}:${locals.map((local) => utcValue(instantOf(local, timeZone, 'shift')))}`;
}
