import * as z from 'zod';
import type { Row, Sql, Statement } from './database.ts';

/** When the next of what waits comes due, by its kind; null where nothing of it waits. */
export interface NextDue {
  reminder: Date | null;
  delivery: Date | null;
}

/**
 * One row with the times of `NextDue`, each the first entry of an index. A delivery that was due before is under way: its
 * event tells of it.
 */
export function selectNextDue(sql: Sql, now: Date): Statement {
  return sql`
    select (select min(remind_at) from reminders where status = 'pending') as reminder,
           (select min(next_attempt_at) from deliveries where status = 'pending' and next_attempt_at > ${now}) as delivery`;
}

const nextDueRow = z.object({ reminder: z.date().nullable(), delivery: z.date().nullable() });

/** What the row of `selectNextDue` tells. */
export function toNextDue(row: Row | undefined): NextDue {
  return nextDueRow.parse(row);
}
