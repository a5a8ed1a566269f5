import * as Instant from 'temporal-polyfill/fns/Instant';
import * as ZonedDateTime from 'temporal-polyfill/fns/ZonedDateTime';

/** A change of a zone's offset from UTC: when it is, and the offsets before and after it, all in milliseconds. */
export interface Transition {
  at: number;
  before: number;
  after: number;
}

/** The changes of a zone's offset from an instant on until before another, in order, as this runtime knows them. */
export function transitionsBetween(timeZone: string, from: Date, to: Date): Transition[] {
  const transitions: Transition[] = [];
  // The search begins behind the instant that it is given.
  let last = zoned(timeZone, from.getTime() - 1);
  for (;;) {
    const next = ZonedDateTime.getTimeZoneTransition(last, { direction: 'next' });
    if (!next || next.epochMilliseconds >= to.getTime()) return transitions;
    transitions.push({ at: next.epochMilliseconds, before: offsetOf(last), after: offsetOf(next) });
    last = next;
  }
}

/** A zone's offset from UTC at an instant, in milliseconds. */
export function offsetAt(timeZone: string, instant: Date): number {
  return offsetOf(zoned(timeZone, instant.getTime()));
}

function zoned(timeZone: string, epochMilliseconds: number): ZonedDateTime.Record {
  return Instant.toZonedDateTimeISO(Instant.fromEpochMilliseconds(epochMilliseconds), timeZone);
}

function offsetOf(time: ZonedDateTime.Record): number {
  return ZonedDateTime.offsetNanoseconds(time) / 1_000_000;
}
