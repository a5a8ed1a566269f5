import * as z from 'zod';
import type { Row, Sql, Statement } from './database.ts';

/** A statement that removes rows, as one that tells how many it removed: see `purgedBy`. */
export function countPurged(sql: Sql, removal: Statement): Statement {
  return sql`with purged as (${removal} returning 1) select count(*)::int as purged from purged`;
}

const purgedRow = z.object({ purged: z.int() });

/** How many rows each of some statements removed; those that tell nothing of it are passed over. */
export function purgedBy(results: readonly Row[][]): number[] {
  return results.flat().flatMap((row) => purgedRow.safeParse(row).data?.purged ?? []);
}
