import type { Zone } from '../domain/due.ts';
import { invalid } from '../domain/errors.ts';
import { DEFAULT_TIME_ZONE } from '../domain/time.ts';
import { hasCode, type Row, type Sql, type Statement } from './database.ts';

/** The zone that a user is in, by their preferences. */
export function selectTimeZone(sql: Sql, userId: string): Statement {
  return sql`
    select coalesce((select time_zone from preferences where user_id = ${userId}), ${DEFAULT_TIME_ZONE}) as time_zone`;
}

/** The zone that `selectTimeZone` found. */
export function foundTimeZone([row]: Row[] = []): string {
  return String(row?.time_zone);
}

/** Lets a user's zone be changed, or something be written that depends on it, by one batch at a time. */
export function lockTimeZone(sql: Sql, userId: string): Statement {
  return sql`select pg_advisory_xact_lock(hashtextextended(${JSON.stringify(['time zone', userId])}, 0))`;
}

/**
 * For a batch that writes what is at a floating time: keeps the user in its zone until the batch has ended, which is
 * rolled back where they are in another one already (see `isStale`). Nothing to do for what does not float.
 */
export function holdTimeZone(sql: Sql, userId: string, zone: Zone | null): Statement[] {
  if (!zone?.floating) return [];
  return [
    lockTimeZone(sql, userId),
    sql`select expect_rows(count(*), 1) from (${selectTimeZone(sql, userId)}) now where time_zone = ${zone.timeZone}`,
  ];
}

/** Refuses the zone where Postgres did: it has its own time zone database, which may be older than the program's. */
export function refuseUnknownZone(error: unknown): never {
  if (hasCode('22023', error)) throw invalid({ pointer: '/timeZone', detail: 'This time zone is not known here.' });
  throw error;
}
