import * as z from 'zod/mini';
import { deliverySchema } from '../../shared/domain/delivery.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { foundDelivery, selectDelivery } from '../../shared/store/deliveries.ts';

export default defineFunction({
  name: 'getDelivery',
  summary: 'Tells what has become of a notification in one channel.',
  trigger: { http: 'GET /deliveries/:id' },
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: deliverySchema },

  handler: async ({ userId, params }, { sql, read }) =>
    foundDelivery(await read(selectDelivery(sql, userId, params.id))),
});
