import * as z from 'zod/mini';
import type { Row, Sql, Statement } from './database.ts';

/** When the next of what waits comes due, by its kind; null where nothing of it waits. */
export interface NextDue {
  reminder: Date | null;
  /** A delivery that is put off or tried again. */
  delivery: Date | null;
  /** An event that could not be published. */
  event: Date | null;
  /** A delivery that is being sent, should its sender die. */
  abandoned: Date | null;
}

/**
 * One row with the times of `NextDue`, each the first entry of an index. A delivery that was due before is under way: its
 * event tells of it.
 */
export function selectNextDue(sql: Sql, now: Date): Statement {
  return sql`
    select (select min(remind_at) from reminders where status = 'pending') as reminder,
           (select min(next_attempt_at) from deliveries where status = 'pending' and next_attempt_at > ${now}) as delivery,
           (select min(next_attempt_at) from outbox where published_at is null and attempts > 0) as event,
           (select min(leased_until) from deliveries where status = 'pending' and leased_until > ${now}) as abandoned`;
}

const time = z.nullable(z.date());
const nextDueRow = z.object({ reminder: time, delivery: time, event: time, abandoned: time });

/** What the row of `selectNextDue` tells. */
export function toNextDue(row: Row | undefined): NextDue {
  return nextDueRow.parse(row);
}
