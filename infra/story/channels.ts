import { Webhook as Verifier } from 'standardwebhooks';
import * as z from 'zod';
import { type Delivery, deliverySchema } from '../../shared/domain/delivery.ts';
import { type Preferences, preferencesSchema } from '../../shared/domain/preferences.ts';
import { type Webhook, webhookSchema, webhookWithSecretSchema } from '../../shared/domain/webhook.ts';
import { freePort } from '../local/listen.ts';
import { startReceiver } from '../testing/receiver.ts';
import { type Chapter, caller, expect, signIn, until, type World } from './world.ts';

/** What a user of the API sees of the channels that notifications go by. */
interface Channels {
  preferences(): Promise<Preferences>;
  updatePreferences(patch: object): Promise<Preferences>;
  confirmEmail(code: string): Promise<Preferences>;
  createWebhook(webhook: object): Promise<Webhook & { secret: string | null }>;
  webhooks(): Promise<Webhook[]>;
  getWebhook(id: string): Promise<Webhook>;
  updateWebhook(id: string, patch: object): Promise<Webhook>;
  deleteWebhook(id: string): Promise<Webhook>;
  rotateSecret(id: string): Promise<Webhook & { secret: string | null }>;
  deliveries(): Promise<Delivery[]>;
  getDelivery(id: string): Promise<Delivery>;
  redeliver(id: string): Promise<Delivery>;
}

const webhooksPage = z.object({ items: z.array(webhookSchema) });
const deliveriesPage = z.object({ items: z.array(deliverySchema) });

async function signInToChannels(world: World, userId: string): Promise<Channels> {
  const call = caller(world.apiUrl, { authorization: `Bearer ${await world.token(userId)}` });
  return {
    preferences: () => call('GET', '/preferences', 200, preferencesSchema),
    updatePreferences: (patch) => call('PATCH', '/preferences', 200, preferencesSchema, patch),
    confirmEmail: (code) => call('POST', '/preferences/email/confirm', 200, preferencesSchema, { code }),
    createWebhook: (webhook) => call('POST', '/webhooks', 201, webhookWithSecretSchema, webhook),
    webhooks: async () => (await call('GET', '/webhooks', 200, webhooksPage)).items,
    getWebhook: (id) => call('GET', `/webhooks/${id}`, 200, webhookSchema),
    updateWebhook: (id, patch) => call('PATCH', `/webhooks/${id}`, 200, webhookSchema, patch),
    deleteWebhook: (id) => call('DELETE', `/webhooks/${id}`, 200, webhookSchema),
    rotateSecret: (id) => call('POST', `/webhooks/${id}/rotate-secret`, 200, webhookWithSecretSchema),
    deliveries: async () => (await call('GET', '/deliveries?limit=100', 200, deliveriesPage)).items,
    getDelivery: (id) => call('GET', `/deliveries/${id}`, 200, deliverySchema),
    redeliver: (id) => call('POST', `/deliveries/${id}/redeliver`, 200, deliverySchema),
  };
}

/** Of channels that lead out of the system. */
export const channelChapters: Chapter[] = [
  {
    title: 'A user confirms an e-mail address by the code that is sent to it, and is reminded there',
    async run(world, narrate) {
      const user = await signIn(world, 'ivan');
      const channels = await signInToChannels(world, 'ivan');
      const address = 'ivan@example.org';
      const mailTo = (subject: RegExp) =>
        until(`an e-mail: ${subject}`, () =>
          world.emails().find((email) => email.recipients.includes(address) && subject.test(email.subject)),
        );
      await channels.updatePreferences({ email: { address } });
      const { subject } = await mailTo(/code/);
      const { email } = await channels.confirmEmail(/\S+$/.exec(subject)?.[0] ?? '');
      expect(email?.confirmedAt !== null, 'a confirmed address', email);
      narrate(`a code came to ${address}, and confirmed it`);
      await user.createTask({ title: 'Call Ann', reminders: [{ at: new Date(Date.now() + 1_000).toISOString() }] });
      await mailTo(/^Reminder: Call Ann$/);
      narrate('onReminderDue wrote a delivery, and onDeliveryDue sent it through the sidecar’s SMTP binding');
    },
  },
  {
    title: 'A webhook’s receiver is down when a reminder comes due; the inbox has it, and the webhook gets it later',
    async run(world, narrate) {
      const user = await signIn(world, 'kate');
      const channels = await signInToChannels(world, 'kate');
      const port = await freePort();
      const { id: webhook, secret } = await channels.createWebhook({ url: `http://127.0.0.1:${port}/hook` });
      const listed = await channels.webhooks();
      expect(listed.length === 1 && !('secret' in (listed[0] ?? {})), 'the webhook, without its secret', listed);

      const task = await user.createTask({
        title: 'Feed the cat',
        reminders: [{ at: new Date(Date.now() + 1_000).toISOString() }],
      });
      await until('a reminder in the inbox', async () =>
        (await user.notifications()).find(({ kind }) => kind === 'reminder.due'),
      );
      const failed = await until('a failed attempt', async () =>
        (await channels.deliveries()).find(({ attempts, lastError }) => attempts > 0 && lastError !== null),
      );
      const waits = failed.status === 'pending' && failed.taskId === task.id && failed.nextAttemptAt !== null;
      expect(waits, 'a delivery that is tried again', failed);
      narrate(`the inbox has the reminder; delivery ${failed.id}: "${failed.lastError}"`);

      const receiver = await startReceiver(port);
      try {
        const rotated = await channels.rotateSecret(webhook);
        await channels.redeliver(failed.id);
        const { body, headers } = await until('a request at the receiver', () => receiver.received[0]);
        for (const known of [secret, rotated.secret]) new Verifier(known ?? '').verify(body, headers);
        expect(headers['webhook-id'] === failed.id, 'the delivery’s own id', headers);
        await until('the delivery’s end', async () =>
          (await channels.getDelivery(failed.id)).status === 'delivered' ? true : undefined,
        );
        narrate('the receiver is up: delivered, with the same id, signed with the old secret and the new one');
      } finally {
        await receiver.close();
      }

      const sound = await channels.getWebhook(webhook);
      expect(sound.enabled && sound.failingSince === null, 'a webhook that fails no longer', sound);
      await channels.updateWebhook(webhook, { kinds: ['task.deleted'] });
      await channels.updatePreferences({ channels: { 'task.completed': ['inbox'] } });
      const { channels: chosen } = await channels.preferences();
      expect(chosen['task.completed'].join() === 'inbox', 'the preferences as they were chosen', chosen);
      await user.completeTask(task.id);
      await until('a notification of the completion', async () =>
        (await user.notifications()).find(({ kind }) => kind === 'task.completed'),
      );
      narrate('completions are told in the inbox now, as the user prefers');
      await channels.deleteWebhook(webhook);
    },
  },
];
