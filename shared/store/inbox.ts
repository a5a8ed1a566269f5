import { isDuplicateOf, type Sql, type Statement } from './database.ts';
import { purgeOldest } from './purged.ts';

/** Records that a function took an event. In a batch that was delivered before, it rolls everything back. */
export function recordEvent(sql: Sql, functionName: string, eventId: string, now: Date): Statement {
  return sql`insert into inbox (function, event_id, processed_at) values (${functionName}, ${eventId}, ${now})`;
}

/** Whether a batch was rolled back because the event had taken effect already. */
export function isAlreadyRecorded(error: unknown): boolean {
  return isDuplicateOf('inbox_once', error);
}

/** Removes at most `limit` records from before `before`. */
export function purgeInbox(sql: Sql, before: Date, limit: number): Statement {
  return purgeOldest(sql, { from: 'inbox', where: sql`processed_at < ${before}`, by: 'processed_at', limit });
}
