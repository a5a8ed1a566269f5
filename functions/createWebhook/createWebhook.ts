import { randomUUID } from 'node:crypto';
import { seal } from '../../shared/channels/secretBox.ts';
import { allowPrivateAddresses, webhookSecretsKeys } from '../../shared/channels/settings.ts';
import { newSecret } from '../../shared/channels/standardWebhooks.ts';
import { requireReachable, secretOwner } from '../../shared/channels/webhook.ts';
import { newWebhookSchema, webhookWithSecretSchema } from '../../shared/domain/webhook.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { insertWebhook, requireWebhookRoom } from '../../shared/store/webhooks.ts';

export default defineFunction({
  name: 'createWebhook',
  summary: 'Creates a webhook, and tells the secret that its receiver verifies signatures with: this once.',
  trigger: { http: 'POST /webhooks' },
  input: { body: newWebhookSchema },
  output: {
    status: 201,
    body: webhookWithSecretSchema,
    location: ({ id }) => `/webhooks/${id}`,
    version: ({ version }) => version,
  },
  env: { WEBHOOK_SECRETS_KEY: webhookSecretsKeys, WEBHOOK_ALLOW_PRIVATE_ADDRESSES: allowPrivateAddresses },

  async handler({ userId, body }, { sql, now, env, commit }) {
    requireReachable(body.url, env.WEBHOOK_ALLOW_PRIVATE_ADDRESSES);
    const id = randomUUID();
    const at = now.toISOString();
    const state = { enabled: true, disabledBecause: null, failingSince: null };
    const webhook = { id, ...body, ...state, version: 1, createdAt: at, updatedAt: at };
    const secret = newSecret();
    const sealed = seal(secret, env.WEBHOOK_SECRETS_KEY, secretOwner(userId, id));
    await commit({
      statements: [requireWebhookRoom(sql, userId), insertWebhook(sql, userId, webhook, sealed)],
      // What is kept for a request that comes again stands in the database as it is.
      answer: { ...webhook, secret: null },
    });
    return { ...webhook, secret };
  },
});
