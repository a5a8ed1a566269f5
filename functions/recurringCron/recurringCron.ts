import { randomUUID } from 'node:crypto';
import { DomainError } from '../../shared/domain/errors.ts';
import { mapConcurrently } from '../../shared/runtime/concurrency.ts';
import { type Context, defineFunction } from '../../shared/runtime/defineFunction.ts';
import type { Row } from '../../shared/store/database.ts';
import { makeInstances } from '../../shared/store/instances.ts';
import { type DuePosition, selectDueSeries, toDuePosition, toSeries } from '../../shared/store/series.ts';

/** Series read at once, and how many of them are worked on at once: each is one round trip to Postgres. */
const BATCH = 200;
const CONCURRENCY = 8;

export default defineFunction({
  name: 'recurringCron',
  summary: 'Makes the instances that are due of every series whose turn it is.',
  trigger: { cron: '0 * * * *', binding: 'recurring-scheduler' },
  emits: ['task.created', 'recurring.trigger'],

  async handler(context) {
    const totals = { created: 0, failed: 0 };
    let last: DuePosition | null = null;
    do {
      const [rows = []]: Row[][] = await context.read(selectDueSeries(context.sql, context.now, BATCH, last));
      for (const made of await mapConcurrently(rows, CONCURRENCY, (row) => make(row, context))) {
        totals.created += made ?? 0;
        totals.failed += made === null ? 1 : 0;
      }
      const end: Row | undefined = rows.at(-1);
      last = rows.length === BATCH && end ? toDuePosition(end) : null;
    } while (last);
    return totals;
  },
});

/** Resolves to how many instances were made; null where that failed. */
async function make(row: Row, { sql, now, commit, log }: Context): Promise<number | null> {
  try {
    const { count, ...change } = await makeInstances(sql, toSeries(row), { newId: randomUUID, now });
    await commit(change);
    return count;
  } catch (error) {
    // Another cron, or a completion, was faster: the instance exists.
    if (error instanceof DomainError && error.code === 'conflict') return 0;
    // One series that is broken, or has no room, must not keep the others from their instances.
    log('error', { outcome: 'series-failed', series: row.id, error });
    return null;
  }
}
