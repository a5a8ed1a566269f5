import type { Statement } from '../store/database.ts';
import { purgedBy } from '../store/purged.ts';
import type { Context } from './defineFunction.ts';

/** Rows of each table that are removed in one transaction, of milliseconds. */
const BATCH = 10_000;
/** Transactions at one go: more rows in an hour than a busy day writes. */
const BATCHES = 60;

/**
 * Removes what is kept no longer, batch by batch, with statements that remove at most `limit` rows each and tell how many
 * they did (`countPurged`). Resolves to how many rows are gone.
 */
export async function purge(
  { run }: Pick<Context, 'run'>,
  statements: (limit: number) => Statement[],
): Promise<number> {
  let total = 0;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const purged = purgedBy(await run(...statements(BATCH)));
    for (const rows of purged) total += rows;
    if (purged.every((rows) => rows < BATCH)) break;
  }
  return total;
}
