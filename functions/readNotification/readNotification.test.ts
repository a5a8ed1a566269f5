import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Notification } from '../../shared/domain/notification.ts';
import listNotifications from '../listNotifications/listNotifications.ts';
import readNotification from './readNotification.ts';

const now = new Date('2026-11-25T09:00:00.000Z');
const id: string = randomUUID();

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(readNotification);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  platform.now = now;
  await platform.database.query(
    `insert into notifications (id, user_id, task_id, kind, message, created_at)
     values ($1, 'alice', gen_random_uuid(), 'task.created', 'New task: Buy milk', $2)`,
    [id, now],
  );
});

const read = (userId = 'alice', which = id, headers = {}) =>
  app.call<Notification>(userId, `/notifications/${which}/read`, undefined, headers);

test('a notification is read from then on, and stays read as of the first time', async () => {
  const { status, body } = await read();
  expect([status, body.readAt]).toEqual([200, now.toISOString()]);
  platform.now = new Date(now.getTime() + 1_000);
  expect((await read()).body).toEqual(body);
  const list = await platform.app(listNotifications).call<{ items: Notification[] }>('alice', '/notifications');
  expect(list.body.items).toEqual([body]);
});

test('of many who read it at once, each is told that it is read', async () => {
  const answers = await Promise.all(Array.from({ length: 5 }, () => read()));
  expect(answers.map(({ status, body }) => [status, body.readAt])).toEqual(Array(5).fill([200, now.toISOString()]));
});

test('with an idempotency key the answer is kept', async () => {
  const key = { 'idempotency-key': 'k' };
  const first = await read('alice', id, key);
  const again = await read('alice', id, key);
  expect([again.body, again.headers.get('idempotency-replayed')]).toEqual([first.body, 'true']);
});

test('another user’s, and one that never was, are not found', async () => {
  expect((await read('bob')).status).toBe(404);
  expect((await read('alice', randomUUID())).status).toBe(404);
  expect((await read('alice', 'x')).status).toBe(404);
  expect(await platform.database.query('select read_at from notifications')).toEqual([{ read_at: null }]);
});
