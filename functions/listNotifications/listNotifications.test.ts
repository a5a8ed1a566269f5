import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Notification } from '../../shared/domain/notification.ts';
import listNotifications from './listNotifications.ts';

interface Page {
  items: Notification[];
  next: string | null;
}

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
  const notifications = [
    ['alice', 'first'],
    ['alice', 'second'],
    ['bob', 'not hers'],
    ['alice', 'third'],
  ];
  for (const [index, [userId, message]] of notifications.entries()) {
    await platform.database.query(
      `insert into notifications (id, user_id, task_id, kind, message, created_at)
       values ($1, $2, $3, 'task.created', $4, '2026-11-25T09:00:00Z'::timestamptz + $5 * interval '1 millisecond')`,
      [randomUUID(), userId, randomUUID(), message, index],
    );
  }
});
afterAll(() => platform.close());

test('a user’s own notifications are listed, newest first, a page at a time', async () => {
  const app = platform.app(listNotifications);
  const { body: first } = await app.call<Page>('alice', '/notifications?limit=2');
  expect(first.items.map(({ message }) => message)).toEqual(['third', 'second']);
  const { body: second } = await app.call<Page>('alice', `/notifications?limit=2&cursor=${first.next}`);
  expect(second).toMatchObject({ items: [{ message: 'first', readAt: null }], next: null });
});

test('a token is needed', async () => {
  expect((await platform.app(listNotifications).request('/notifications', {})).status).toBe(401);
});
