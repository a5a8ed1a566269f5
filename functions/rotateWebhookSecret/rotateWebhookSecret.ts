import * as z from 'zod/mini';
import { seal } from '../../shared/channels/secretBox.ts';
import { webhookSecretsKeys } from '../../shared/channels/settings.ts';
import { newSecret } from '../../shared/channels/standardWebhooks.ts';
import { secretOwner } from '../../shared/channels/webhook.ts';
import { webhookWithSecretSchema } from '../../shared/domain/webhook.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { foundWebhook, replaceSecret, selectWebhook } from '../../shared/store/webhooks.ts';

export default defineFunction({
  name: 'rotateWebhookSecret',
  summary: 'Gives a webhook a new secret, and tells it: this once. The one before signs as well for 24 hours.',
  trigger: { http: 'POST /webhooks/:id/rotate-secret' },
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: webhookWithSecretSchema, version: ({ version }) => version },
  env: { WEBHOOK_SECRETS_KEY: webhookSecretsKeys },

  async handler({ userId, params, requireMatch }, { sql, read, now, env, commit }) {
    const before = foundWebhook(await read(selectWebhook(sql, userId, params.id)));
    requireMatch(before.version);

    const webhook = { ...before, version: before.version + 1, updatedAt: now.toISOString() };
    const secret = newSecret();
    const sealed = seal(secret, env.WEBHOOK_SECRETS_KEY, secretOwner(userId, webhook.id));
    await commit({
      statements: [replaceSecret(sql, userId, webhook, { secret: sealed, now })],
      answer: { ...webhook, secret: null },
    });
    return { ...webhook, secret };
  },
});
