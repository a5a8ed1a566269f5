import { DELIVERY_RETENTION_MS } from '../../shared/domain/delivery.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { announceDeliveries, purgeDeliveries } from '../../shared/store/deliveries.ts';
import { toOutboxEvent } from '../../shared/store/outbox.ts';

/** Events written in one statement: a bulk request or a few, published well within their writer's lease. */
const BATCH = 500;
/** Batches of one tick: what is left after 20,000 deliveries waits for the next. */
const BATCHES_PER_TICK = 40;
/** Rows removed in one tick. */
const PURGE = 10_000;

export default defineFunction({
  name: 'deliveryCron',
  summary: 'Brings up again the deliveries whose next attempt, or whose end of quiet hours, has come.',
  trigger: { cron: '* * * * *', binding: 'delivery-scheduler' },
  emits: ['delivery.due'],

  async handler({ sql, run, now, origin, relay }) {
    const totals = { due: 0, published: 0 };
    for (let batch = 0; batch < BATCHES_PER_TICK; batch += 1) {
      const [rows = []] = await run(announceDeliveries(sql, { now, limit: BATCH, origin }));
      totals.due += rows.length;
      totals.published += await relay(rows.map(toOutboxEvent));
      if (rows.length < BATCH) break;
    }
    await run(purgeDeliveries(sql, new Date(now.getTime() - DELIVERY_RETENTION_MS), PURGE));
    return totals;
  },
});
