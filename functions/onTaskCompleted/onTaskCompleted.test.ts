import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { countedBy, testCounting } from '../../infra/testing/countingFunction.ts';
import { taskSnapshot } from '../../infra/testing/taskSnapshot.ts';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { TaskEvent } from '../../shared/events/event.ts';
import onTaskCompleted from './onTaskCompleted.ts';

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(onTaskCompleted);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  platform.logged = [];
});

const event = (data: Partial<TaskEvent<'task.completed'>['data']> = {}): TaskEvent<'task.completed'> => ({
  event_id: randomUUID(),
  event_type: 'task.completed',
  timestamp: '2026-11-25T23:30:00.000Z',
  user_id: 'alice',
  task_id: randomUUID(),
  data: { ...taskSnapshot({ version: 2 }), completed_at: '2026-11-25T12:00:00.000Z', ...data },
});
const stats = () => countedBy(platform);
const notifications = () => platform.database.query('select kind from notifications');

test('a completed task counts where it was completed, without a notification', async () => {
  const response = await app.deliver(event({ due_at: '2026-11-25T12:00:00.000Z' }));
  expect([response.status, await response.json()]).toEqual([200, { status: 'SUCCESS' }]);
  expect(await stats()).toEqual([{ user_id: 'alice', slot: '11-25 12:00', created: 0, completed: 1, late: 0 }]);
  expect(await notifications()).toEqual([]);
});

test('one that was late also counts where it was due', async () => {
  await app.deliver(event({ due_at: '2026-11-25T00:00:00.000Z' }));
  expect(await stats()).toEqual([
    { user_id: 'alice', slot: '11-24 23:45', created: 0, completed: 0, late: 1 },
    { user_id: 'alice', slot: '11-25 12:00', created: 0, completed: 1, late: 0 },
  ]);
});

testCounting({ type: 'task.completed', platform: () => platform, app: () => app, event: () => event() });
