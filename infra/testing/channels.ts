import { randomUUID } from 'node:crypto';
import createTask from '../../functions/createTask/createTask.ts';
import createWebhook from '../../functions/createWebhook/createWebhook.ts';
import deliveryCron from '../../functions/deliveryCron/deliveryCron.ts';
import listDeliveries from '../../functions/listDeliveries/listDeliveries.ts';
import onDeliveryDue from '../../functions/onDeliveryDue/onDeliveryDue.ts';
import onReminderDue from '../../functions/onReminderDue/onReminderDue.ts';
import reminderCron from '../../functions/reminderCron/reminderCron.ts';
import updatePreferences from '../../functions/updatePreferences/updatePreferences.ts';
import type { Delivery } from '../../shared/domain/delivery.ts';
import type { Preferences } from '../../shared/domain/preferences.ts';
import type { Task } from '../../shared/domain/task.ts';
import type { Webhook } from '../../shared/domain/webhook.ts';
import type { TaskEvent } from '../../shared/events/event.ts';
import type { TestPlatform } from './testApp.ts';

/** What tests do with notifications and their deliveries, on a platform of theirs. */
export function channelsOf(platform: TestPlatform) {
  /** Takes the events of a type that were published. */
  const taken = <T extends TaskEvent['event_type']>(type: T): TaskEvent<T>[] => {
    const events = platform.published.filter((event) => event.type === type);
    platform.published = platform.published.filter((event) => event.type !== type);
    return events.map(({ data }) => data as TaskEvent<T>);
  };
  return {
    taken,

    async createWebhook(fields: object, userId = 'alice') {
      const { body } = await platform
        .app(createWebhook)
        .call<Webhook & { secret: string }>(userId, '/webhooks', { ...fields });
      return body;
    },

    async prefer(patch: object, userId = 'alice') {
      return (await platform.app(updatePreferences).call<Preferences>(userId, '/preferences', patch)).body;
    },

    /** Gives a user an address as if they had confirmed it. */
    async confirmedEmail(address: string, userId = 'alice') {
      await platform.app(updatePreferences).call(userId, '/preferences', { email: { address } });
      await platform.database.query('update preferences set email_confirmed_at = now() where user_id = $1', [userId]);
      await platform.database.query(`delete from deliveries where kind = 'email.confirmation'`);
      taken('delivery.due');
    },

    /** Writes a task with a reminder that is due at once, reminds of it, and resolves to it. */
    async remind(fields: object = {}, userId = 'alice'): Promise<Task> {
      const at = (platform.now ?? new Date()).toISOString();
      const task = { title: 'Call Ann', reminders: [{ at }], ...fields };
      const { body } = await platform.app(createTask).call<Task>(userId, '/tasks', task);
      await platform.app(reminderCron).tick();
      for (const event of taken('reminder.due')) await platform.app(onReminderDue).deliver(event);
      return body;
    },

    /** Delivers the `delivery.due` events that were published, and waits for what is sent; resolves to how many. */
    async send(): Promise<number> {
      const app = platform.app(onDeliveryDue);
      const events = taken('delivery.due');
      await Promise.all(events.map((event) => app.deliver(event)));
      return events.length;
    },

    /** Lets the sweep look for deliveries that are due, and sends them; resolves to how many events it wrote. */
    async sweep(): Promise<number> {
      await platform.app(deliveryCron).tick();
      return this.send();
    },

    async deliveries(userId = 'alice', query = ''): Promise<Delivery[]> {
      const { body } = await platform.app(listDeliveries).call<{ items: Delivery[] }>(userId, `/deliveries${query}`);
      return body.items;
    },
  };
}

/** An event that a delivery is due. */
export function deliveryDue(deliveryId: string, userId = 'alice'): TaskEvent<'delivery.due'> {
  return {
    event_id: randomUUID(),
    event_type: 'delivery.due',
    timestamp: '2026-11-25T09:00:00.000Z',
    user_id: userId,
    task_id: deliveryId,
    data: { delivery_id: deliveryId, channel: 'webhook' },
  };
}
