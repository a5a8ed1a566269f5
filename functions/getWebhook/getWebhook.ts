import * as z from 'zod/mini';
import { webhookSchema } from '../../shared/domain/webhook.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { foundWebhook, selectWebhook } from '../../shared/store/webhooks.ts';

export default defineFunction({
  name: 'getWebhook',
  summary: 'Reads a webhook, but for its secret.',
  trigger: { http: 'GET /webhooks/:id' },
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: webhookSchema, version: ({ version }) => version },

  handler: async ({ userId, params }, { sql, read }) => foundWebhook(await read(selectWebhook(sql, userId, params.id))),
});
