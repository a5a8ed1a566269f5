import * as z from 'zod/mini';
import { deliverySchema } from '../../shared/domain/delivery.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { foundDelivery, renewDelivery, selectDelivery } from '../../shared/store/deliveries.ts';

export default defineFunction({
  name: 'redeliver',
  summary: 'Sends a delivery again, at once and with the same id, whatever became of it.',
  trigger: { http: 'POST /deliveries/:id/redeliver' },
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: deliverySchema },
  emits: ['delivery.due'],

  async handler({ userId, params: { id } }, { sql, read, now, commit }) {
    const before = foundDelivery(await read(selectDelivery(sql, userId, id)));
    const due = { status: 'pending' as const, attempts: 0, nextAttemptAt: now.toISOString(), deliveredAt: null };
    const answer = { ...before, ...due, responseStatus: null, lastError: null };
    await commit({
      statements: [renewDelivery(sql, userId, id, now)],
      events: [{ type: 'delivery.due', userId, taskId: id, data: { delivery_id: id, channel: before.channel } }],
      answer,
    });
    return answer;
  },
});
