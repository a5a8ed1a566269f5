import { deliver, hasRoom, type Send } from '../../shared/channels/deliver.ts';
import { sendByEmail } from '../../shared/channels/email.ts';
import { allowPrivateAddresses, webhookSecretsKeys } from '../../shared/channels/settings.ts';
import { sendWebhook } from '../../shared/channels/webhook.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { WAKE_UP } from '../../shared/runtime/wakeUp.ts';
import { putOff } from '../../shared/store/deliveries.ts';

export default defineFunction({
  name: 'onDeliveryDue',
  summary:
    'Sends a notification by webhook or e-mail; only after it has answered, so that no other event waits for that.',
  trigger: { event: 'delivery.due' },
  sendsEmail: true,
  setsJobs: [WAKE_UP],
  env: { WEBHOOK_SECRETS_KEY: webhookSecretsKeys, WEBHOOK_ALLOW_PRIVATE_ADDRESSES: allowPrivateAddresses },

  async handler({ user_id: userId, data: { delivery_id: id } }, context) {
    const { sql, env, now, commit, afterwards } = context;
    if (!hasRoom()) return commit({ statements: [], emitting: [putOff(sql, userId, id, now)] });
    await commit({ statements: [] });

    afterwards((later) => {
      const webhooks = { keys: env.WEBHOOK_SECRETS_KEY, allowPrivate: env.WEBHOOK_ALLOW_PRIVATE_ADDRESSES };
      const send: Send = (delivery) =>
        delivery.channel === 'email'
          ? sendByEmail(userId, delivery, context, later)
          : sendWebhook(userId, delivery, { ...webhooks, now: later.clock() });
      return deliver(userId, id, { send, context, later });
    });
  },
});
