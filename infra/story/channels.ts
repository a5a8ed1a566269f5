import { randomUUID } from 'node:crypto';
import { Webhook as Verifier } from 'standardwebhooks';
import * as z from 'zod';
import { type Delivery, deliverySchema } from '../../shared/domain/delivery.ts';
import { type Preferences, preferencesSchema } from '../../shared/domain/preferences.ts';
import { type Webhook, webhookSchema, webhookWithSecretSchema } from '../../shared/domain/webhook.ts';
import { startReceiver } from '../testing/receiver.ts';
import { caller, wake } from './call.ts';
import { type Chapter, chapter } from './chapter.ts';
import { expect, until } from './look.ts';
import { remindSoon } from './remindSoon.ts';
import { authorization, signIn } from './user.ts';
import type { World } from './world.ts';

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

/** A name that is reserved for not being there (RFC 6761, 6.4). */
const NOWHERE = 'https://webhook.invalid/hook';

const webhooksPage = z.object({ items: z.array(webhookSchema) });
const deliveriesPage = z.object({ items: z.array(deliverySchema) });

async function signInToChannels(world: World, name: string): Promise<Channels> {
  const own = await authorization(world, name);
  const call = caller(world, own);
  const rotation = (id: string) => ({ method: 'POST', path: `/webhooks/${id}/rotate-secret` });
  return {
    preferences: () => call('GET', '/preferences', 200, preferencesSchema),
    updatePreferences: (patch) => call('PATCH', '/preferences', 200, preferencesSchema, patch),
    confirmEmail: (code) => call('POST', '/preferences/email/confirm', 200, preferencesSchema, { code }),
    async createWebhook(webhook) {
      await wake(world, own, { method: 'POST', path: '/webhooks', body: {} });
      return call('POST', '/webhooks', 201, webhookWithSecretSchema, webhook);
    },
    webhooks: async () => (await call('GET', '/webhooks', 200, webhooksPage)).items,
    getWebhook: (id) => call('GET', `/webhooks/${id}`, 200, webhookSchema),
    updateWebhook: (id, patch) => call('PATCH', `/webhooks/${id}`, 200, webhookSchema, patch),
    deleteWebhook: (id) => call('DELETE', `/webhooks/${id}`, 200, webhookSchema),
    async rotateSecret(id) {
      await wake(world, own, rotation(randomUUID()));
      const { method, path } = rotation(id);
      return call(method, path, 200, webhookWithSecretSchema);
    },
    deliveries: async () => (await call('GET', '/deliveries?limit=100', 200, deliveriesPage)).items,
    getDelivery: (id) => call('GET', `/deliveries/${id}`, 200, deliverySchema),
    redeliver: (id) => call('POST', `/deliveries/${id}/redeliver`, 200, deliverySchema),
  };
}

/** Of channels that lead out of the system. */
export const channelChapters: readonly Chapter[] = [
  chapter({
    title: 'A user confirms an e-mail address by the code that is sent to it, and is reminded there',
    needs: ['emails', 'newUsers'],
    async run(world, narrate) {
      const user = await signIn(world, 'ivan');
      const channels = await signInToChannels(world, 'ivan');
      const address = 'ivan@example.org';
      const mailTo = (subject: RegExp) =>
        until(world, `an e-mail: ${subject}`, async () =>
          (await world.emails()).find((email) => email.recipients.includes(address) && subject.test(email.subject)),
        );
      await channels.updatePreferences({ email: { address } });
      const { subject } = await mailTo(/code/);
      const { email } = await channels.confirmEmail(/\S+$/.exec(subject)?.[0] ?? '');
      expect(email?.confirmedAt !== null, 'a confirmed address', email);
      narrate(`a code came to ${address}, and confirmed it`);
      await remindSoon(user, 'Call Ann');
      await mailTo(/^Reminder: Call Ann$/);
      narrate('onReminderDue wrote a delivery, and onDeliveryDue sent it through the sidecar’s SMTP binding');
    },
  }),
  chapter({
    title: 'A webhook’s receiver is down when a reminder comes due; the inbox has it, and the webhook gets it later',
    needs: ['receiver'],
    async run(world, narrate) {
      const user = await signIn(world, 'kate');
      const channels = await signInToChannels(world, 'kate');
      const { id: webhook, secret } = await channels.createWebhook({ url: world.receiver.url });
      const { task } = await remindSoon(user, 'Feed the cat');
      await until(world, 'a reminder in the inbox', async () =>
        (await user.notifications(task.id)).find(({ kind }) => kind === 'reminder.due'),
      );
      const failed = await firstFailure(world, channels, { webhook, taskId: task.id });
      const waits = failed.status === 'pending' && failed.nextAttemptAt !== null;
      expect(waits, 'a delivery that is tried again', failed);
      narrate(`the inbox has the reminder; delivery ${failed.id}: "${failed.lastError}"`);

      // Before anybody listens: from then on, its own next attempt may come at any time.
      const rotated = await channels.rotateSecret(webhook);
      const receiver = await startReceiver(world.receiver.port, world.receiver.host);
      try {
        await channels.redeliver(failed.id);
        const { body, headers } = await until(world, 'a request at the receiver', () => receiver.received[0]);
        for (const known of [secret, rotated.secret]) new Verifier(known ?? '').verify(body, headers);
        expect(headers['webhook-id'] === failed.id, 'the delivery’s own id', headers);
        await until(world, 'the delivery’s end', async () =>
          (await channels.getDelivery(failed.id)).status === 'delivered' ? true : undefined,
        );
        narrate('the receiver is up: delivered, with the same id, signed with the old secret and the new one');
      } finally {
        await receiver.close();
      }

      const sound = await channels.getWebhook(webhook);
      expect(sound.enabled && sound.failingSince === null, 'a webhook that fails no longer', sound);
      await channels.deleteWebhook(webhook);
    },
  }),
  chapter({
    title: 'A webhook leads nowhere, which its user sees; deleted, it is tried no more',
    async run(world, narrate) {
      const user = await signIn(world, 'oscar');
      const channels = await signInToChannels(world, 'oscar');
      const { id: webhook } = await channels.createWebhook({ url: NOWHERE });
      const listed = (await channels.webhooks()).filter(({ id }) => id === webhook);
      expect(listed.length === 1 && !('secret' in (listed[0] ?? {})), 'the webhook, without its secret', listed);
      await channels.updateWebhook(webhook, { kinds: ['reminder.due'] });
      const { task } = await remindSoon(user, 'Feed the dog');
      const failed = await firstFailure(world, channels, { webhook, taskId: task.id });
      narrate(`the reminder’s delivery ${failed.id}: "${failed.lastError}"`);
      await channels.deleteWebhook(webhook);
      const { status } = await channels.getDelivery(failed.id);
      expect(status === 'cancelled', 'a delivery that is cancelled', status);
      narrate('the webhook is deleted, what was on its way to it cancelled');
    },
  }),
  chapter({
    title: 'A user chooses what they are told, and by which channels',
    needs: ['newUsers'],
    async run(world, narrate) {
      const user = await signIn(world, 'mike');
      const channels = await signInToChannels(world, 'mike');
      await channels.updatePreferences({ channels: { 'task.completed': ['inbox'] } });
      const { channels: chosen } = await channels.preferences();
      expect(chosen['task.completed'].join() === 'inbox', 'the preferences as they were chosen', chosen);
      const { id } = await user.createTask({ title: 'Feed the cat' });
      await user.completeTask(id);
      await until(world, 'a notification of the completion', async () =>
        (await user.notifications(id)).find(({ kind }) => kind === 'task.completed'),
      );
      narrate('completions are told in the inbox now, as the user prefers');
    },
  }),
];

/** The first attempt that failed of what a webhook is to be sent about a task. */
function firstFailure(world: World, channels: Channels, { webhook, taskId }: { webhook: string; taskId: string }) {
  return until(world, 'a failed attempt', async () =>
    (await channels.deliveries()).find(
      (delivery) =>
        delivery.target === webhook &&
        delivery.taskId === taskId &&
        delivery.attempts > 0 &&
        delivery.lastError !== null,
    ),
  );
}
