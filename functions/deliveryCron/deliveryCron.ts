import { DELIVERY_RETENTION_MS } from '../../shared/domain/delivery.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { bringUpDeliveries } from '../../shared/runtime/dueWork.ts';
import { purgeDeliveries } from '../../shared/store/deliveries.ts';

/** Rows removed in one tick. */
const PURGE = 10_000;

export default defineFunction({
  name: 'deliveryCron',
  summary: 'Brings up deliveries whose wake-up did not come or whose sender died, and removes what is kept no longer.',
  trigger: { cron: '* * * * *', binding: 'delivery-scheduler' },
  emits: ['delivery.due'],

  async handler(context) {
    const totals = await bringUpDeliveries(context);
    const { sql, run, now } = context;
    await run(purgeDeliveries(sql, new Date(now.getTime() - DELIVERY_RETENTION_MS), PURGE));
    return totals;
  },
});
