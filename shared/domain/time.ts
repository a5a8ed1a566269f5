import * as z from 'zod/mini';
import { instantAtWallTime, isKnownZone, offsetAt } from './zoneOffset.ts';

/** Nothing before Unix time starts: clock changes of earlier years are guesswork in the time zone database. */
export const EARLIEST_DATE = '1970-01-01';
/** Beyond anybody's plans, and near enough that a search for a date that never comes stays cheap. */
export const LATEST_DATE = '2200-12-31';

/** Of a user who never chose one. */
export const DEFAULT_TIME_ZONE = 'UTC';

/** The longest name in the time zone database has 32 characters. */
const TIME_ZONE_LENGTH = 64;
const ZONE_NAME = /^[A-Za-z][\w+/-]*$/;
const LOCAL_DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/;

const outOfRange = `Must lie between ${EARLIEST_DATE} and ${LATEST_DATE}.`;

/** The name of a zone in the IANA time zone database, like Europe/Madrid: an offset does not know of clock changes. */
export const timeZoneSchema = z.string().check(
  z.maxLength(TIME_ZONE_LENGTH, { error: `Must have at most ${TIME_ZONE_LENGTH} characters.`, abort: true }),
  z.refine(isTimeZone, {
    error: 'Must be a time zone of the IANA database, like Europe/Madrid or UTC; an offset is not enough.',
    abort: true,
  }),
);

/** A calendar day without a zone, `YYYY-MM-DD`. */
export const localDateSchema = z.iso
  .date({ error: 'Must be a real date, written YYYY-MM-DD.', abort: true })
  .check(z.refine(isInRange, outOfRange));

/** A wall time without a zone, `YYYY-MM-DDTHH:MM` or `YYYY-MM-DDTHH:MM:SS`, made to have seconds. */
export const localDateTimeSchema = z.string().check(
  z.regex(LOCAL_DATE_TIME, { error: 'Must be written YYYY-MM-DDTHH:MM or YYYY-MM-DDTHH:MM:SS.', abort: true }),
  z.overwrite((text) => (text.length === 'YYYY-MM-DDTHH:MM'.length ? `${text}:00` : text)),
  z.refine(isRealDateTime, { error: 'There is no such date or time.', abort: true }),
  z.refine(isInRange, outOfRange),
);

/** An instant (RFC 3339, with an offset, milliseconds at most), rewritten in UTC: `YYYY-MM-DDTHH:MM:SS.sssZ`. */
export const instantSchema = z.iso
  .datetime({
    offset: true,
    error: 'Must be an RFC 3339 date and time with an offset, like 2026-03-01T09:00:00Z.',
    abort: true,
  })
  .check(
    z.refine((text) => !/\.\d{4}/.test(text), { error: 'Must not be finer than milliseconds.', abort: true }),
    z.overwrite((text) => new Date(text).toISOString()),
    z.refine(isInRange, outOfRange),
  );

/**
 * The instant at which clocks of a zone show a wall time (`YYYY-MM-DDTHH:MM:SS`); where they show it twice, the first.
 * For a wall time that a clock change skips: with `shift` the same time counted on the old clock, so one gap later on
 * the new one (as RFC 5545 3.3.5 wants it), with `reject` null.
 */
export function instantOf(local: string, timeZone: string, gap: 'shift'): Date;
export function instantOf(local: string, timeZone: string, gap: 'shift' | 'reject'): Date | null;
export function instantOf(local: string, timeZone: string, gap: 'shift' | 'reject'): Date | null {
  const { instant, skipped } = instantAtWallTime(Date.parse(`${local}Z`), timeZone);
  return gap === 'reject' && skipped ? null : new Date(instant);
}

/** What clocks of a zone show at an instant, `YYYY-MM-DDTHH:MM:SS`; fractions of a second are dropped. */
export function localDateTimeOf(instant: Date, timeZone: string): string {
  const wallTime = instant.getTime() + offsetAt(instant.getTime(), timeZone);
  return new Date(wallTime).toISOString().slice(0, 'YYYY-MM-DDTHH:MM:SS'.length);
}

/** The calendar day of a zone at an instant, `YYYY-MM-DD`. */
export function localDateOf(instant: Date, timeZone: string): string {
  return dateOf(localDateTimeOf(instant, timeZone));
}

/**
 * The first instant of a calendar day in a zone, which a clock change can make another than midnight: clocks that skipped
 * a midnight since 1970 did so from midnight on. Of a day that a zone left out (Samoa, 30 December 2011) it is that of the
 * next day.
 */
export function startOfDay(date: string, timeZone: string): Date {
  return instantOf(`${date}T00:00:00`, timeZone, 'shift');
}

/** Whether a zone has a wall time or, given a date alone, a day: clock changes skip some. */
export function existsIn(timeZone: string, local: string): boolean {
  if (local.includes('T')) return instantOf(local, timeZone, 'reject') !== null;
  return localDateOf(startOfDay(local, timeZone), timeZone) === local;
}

/** The calendar day of a local date or date-time. */
export function dateOf(local: string): string {
  return local.slice(0, 'YYYY-MM-DD'.length);
}

/** The calendar day that lies `days` after a date (before it, if negative). */
export function addDays(date: string, days: number): string {
  const day = new Date(`${date}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return dateOf(day.toISOString());
}

function isTimeZone(name: string): boolean {
  // Newer engines take offsets for zones as well.
  return ZONE_NAME.test(name) && isKnownZone(name);
}

/** Date rolls 30 February over to March, and 24:00 to the next day. */
function isRealDateTime(local: string): boolean {
  const date = new Date(`${local}Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(local);
}

function isInRange(local: string): boolean {
  const date = dateOf(local);
  return EARLIEST_DATE <= date && date <= LATEST_DATE;
}
