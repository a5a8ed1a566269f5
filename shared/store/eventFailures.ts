import type { Sql, Statement } from './database.ts';
import { purgeOldest } from './purged.ts';

export interface EventFailure {
  eventId: string;
  functionName: string;
  /** For people; quotes neither payload nor secret. */
  reason: string;
}

/** Records why a function did not take an event, and counts how often that was so. */
export function recordFailure(sql: Sql, { eventId, functionName, reason }: EventFailure, now: Date): Statement {
  return sql`
    insert into event_failures (event_id, function, reason, last_failed_at)
    values (${eventId}, ${functionName}, ${reason}, ${now})
    on conflict (event_id, function) do update
      set reason = excluded.reason, last_failed_at = excluded.last_failed_at, attempts = event_failures.attempts + 1`;
}

/** Removes at most `limit` failures from before `before`, but not those that tell why a dead letter is one. */
export function purgeEventFailures(sql: Sql, before: Date, limit: number): Statement {
  const where = sql`
    last_failed_at < ${before}
    and not exists (select from dead_letters d where d.event_id = event_failures.event_id)`;
  return purgeOldest(sql, { from: 'event_failures', where, by: 'last_failed_at', limit });
}
