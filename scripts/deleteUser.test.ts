import { afterAll, beforeAll, expect, test } from 'vitest';
import completeTask from '../functions/completeTask/completeTask.ts';
import createCalendarAddress from '../functions/createCalendarAddress/createCalendarAddress.ts';
import createTask from '../functions/createTask/createTask.ts';
import onTaskCreated from '../functions/onTaskCreated/onTaskCreated.ts';
import { channelsOf } from '../infra/testing/channels.ts';
import { type TestPlatform, testPlatform } from '../infra/testing/testApp.ts';
import type { Task } from '../shared/domain/task.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());

/** Rows of a user in every table that has any user's. */
async function rowsOf(userId: string): Promise<Record<string, number>> {
  const rows = await platform.database.query<{ table_name: string; rows: number }>(
    'select table_name, rows::int from delete_user_data($1, true)',
    [userId],
  );
  return Object.fromEntries(rows.map(({ table_name, rows: count }) => [table_name, count]));
}

test('everything of a user is deleted, and nothing of others', async () => {
  const channels = channelsOf(platform);
  for (const userId of ['alice', "o'brien\\"]) {
    const headers = { 'idempotency-key': 'k' };
    const due = { dateTime: '2027-01-01T09:00:00', timeZone: 'UTC' };
    const task = { title: 'Daily', due, reminders: [{ before: 'PT1H' }], recurrence: { rule: 'FREQ=DAILY' } };
    const { body } = await platform.app(createTask).call<Task>(userId, '/tasks', task, headers);
    await platform.app(completeTask).call(userId, `/tasks/${body.id}/complete`);
    await platform.app(createCalendarAddress).call(userId, '/calendar-addresses', {});
    const [created] = platform.published.splice(0);
    if (created) await platform.app(onTaskCreated).deliver(created.data);
    await channels.prefer({ email: { address: 'ann@example.org' } }, userId);
    await channels.send();
    await channels.createWebhook({ url: 'http://127.0.0.1:9/' }, userId);
    await platform.database.query(
      `insert into event_failures (event_id, function, reason, last_failed_at)
       select event_id::text, 'f', 'r', now() from outbox where user_id = $1`,
      [userId],
    );
  }
  const before = await rowsOf('alice');
  expect(before).toEqual({
    ...{ calendar_addresses: 1, dead_letters: 0, deliveries: 1, email_codes: 1, idempotency_keys: 1, notifications: 1 },
    ...{ outbox: 3, preferences: 1, reminders: 1, series: 1, stats_slots: 1, tasks: 1, webhooks: 1 },
  });

  await platform.database.query('select delete_user_data($1, false)', ["o'brien\\"]);
  expect(Object.values(await rowsOf("o'brien\\")).every((count) => count === 0)).toBe(true);
  expect(await rowsOf('alice')).toEqual(before);
  expect(await platform.database.query('select 1 from event_failures')).toHaveLength(3);
});
