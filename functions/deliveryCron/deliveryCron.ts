import { DELIVERY_RETENTION_MS } from '../../shared/domain/delivery.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { bringUpDeliveries } from '../../shared/runtime/dueWork.ts';
import { purge } from '../../shared/runtime/purge.ts';
import { purgeDeliveries } from '../../shared/store/deliveries.ts';

export default defineFunction({
  name: 'deliveryCron',
  summary: 'Brings up deliveries whose wake-up did not come or whose sender died, and removes what is kept no longer.',
  trigger: { cron: '0 * * * *', withoutJobs: '* * * * *', binding: 'delivery-scheduler' },
  emits: ['delivery.due'],

  async handler(context) {
    const totals = await bringUpDeliveries(context);
    const { sql, now } = context;
    const purged = await purge(context, (limit) => [
      purgeDeliveries(sql, new Date(now.getTime() - DELIVERY_RETENTION_MS), limit),
    ]);
    return { ...totals, purged };
  },
});
