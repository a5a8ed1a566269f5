import * as z from 'zod/mini';
import { deliveryChannelSchema, deliverySchema, deliveryStatusSchema } from '../../shared/domain/delivery.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { decodeCursor, newestFirst, pageQuerySchema, pageSchema, toPage } from '../../shared/runtime/page.ts';
import { selectDeliveries, toDelivery } from '../../shared/store/deliveries.ts';

const filterShape = {
  status: z.optional(deliveryStatusSchema),
  channel: z.optional(deliveryChannelSchema),
  taskId: z.optional(z.uuid()),
};

export default defineFunction({
  name: 'listDeliveries',
  summary: 'Lists what was sent by webhook and e-mail, or is to be, newest first, a page at a time.',
  trigger: { http: 'GET /deliveries' },
  input: { query: z.extend(pageQuerySchema, filterShape) },
  output: { status: 200, body: pageSchema(deliverySchema) },

  async handler({ userId, query }, { sql, read }) {
    const after = decodeCursor(query, newestFirst);
    const [rows = []] = await read(selectDeliveries(sql, userId, query, { limit: query.limit + 1, after }));
    return toPage(rows, query, toDelivery);
  },
});
