import * as z from 'zod/mini';
import { webhookSchema } from '../../shared/domain/webhook.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { deleteWebhook, foundWebhook, selectWebhook } from '../../shared/store/webhooks.ts';

export default defineFunction({
  name: 'deleteWebhook',
  summary: 'Deletes a webhook for good, and cancels what is on its way to it.',
  trigger: { http: 'DELETE /webhooks/:id' },
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: webhookSchema, version: ({ version }) => version },

  async handler({ userId, params, requireMatch }, { sql, read, commit }) {
    const webhook = foundWebhook(await read(selectWebhook(sql, userId, params.id)));
    requireMatch(webhook.version);
    await commit({ statements: deleteWebhook(sql, userId, webhook), answer: webhook });
    return webhook;
  },
});
