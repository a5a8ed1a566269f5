import { isDeepStrictEqual } from 'node:util';
import * as z from 'zod/mini';
import { allowPrivateAddresses } from '../../shared/channels/settings.ts';
import { requireReachable } from '../../shared/channels/webhook.ts';
import { changedWebhook, webhookPatchSchema, webhookSchema } from '../../shared/domain/webhook.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { foundWebhook, selectWebhook, writeWebhook } from '../../shared/store/webhooks.ts';

export default defineFunction({
  name: 'updateWebhook',
  summary: 'Changes a webhook by a merge patch, disables it, or enables it again.',
  trigger: { http: 'PATCH /webhooks/:id' },
  input: { params: z.object({ id: z.uuid() }), body: webhookPatchSchema },
  output: { status: 200, body: webhookSchema, version: ({ version }) => version },
  env: { WEBHOOK_ALLOW_PRIVATE_ADDRESSES: allowPrivateAddresses },

  async handler({ userId, params, body, requireMatch }, { sql, read, now, env, commit }) {
    if (body.url !== undefined) requireReachable(body.url, env.WEBHOOK_ALLOW_PRIVATE_ADDRESSES);
    const before = foundWebhook(await read(selectWebhook(sql, userId, params.id)));
    requireMatch(before.version);

    const webhook = changedWebhook(before, body, now);
    const { version, updatedAt } = before;
    if (isDeepStrictEqual({ ...webhook, version, updatedAt }, before)) return before;
    await commit({ statements: [writeWebhook(sql, userId, webhook)], answer: webhook });
    return webhook;
  },
});
