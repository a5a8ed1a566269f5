import * as z from 'zod/mini';
import type { Row, Sql, Statement } from './database.ts';

/** Rows that are kept no longer. */
export interface Outdated {
  from: 'outbox' | 'inbox' | 'deliveries' | 'event_failures' | 'idempotency_keys';
  where: Statement;
  /** Column of their time, by which an index finds the oldest. */
  by: string;
  limit: number;
}

/**
 * Removes at most `limit` rows, the oldest first, and tells how many: see `purgedBy`. They are removed by their places in the
 * table, as Postgres may read all of it to find so many by a key.
 */
export function purgeOldest(sql: Sql, { from, where, by, limit }: Outdated): Statement {
  const table = sql.unsafe(from);
  return sql`
    with purged as (
      delete from ${table} where ctid = any(array(
        select ctid from ${table} where ${where} order by ${sql.unsafe(by)} limit ${limit}))
      returning 1
    )
    select count(*)::int as purged from purged`;
}

const purgedRow = z.object({ purged: z.int() });

/** How many rows each of some statements removed; those that tell nothing of it are passed over. */
export function purgedBy(results: readonly Row[][]): number[] {
  return results.flat().flatMap((row) => purgedRow.safeParse(row).data?.purged ?? []);
}
