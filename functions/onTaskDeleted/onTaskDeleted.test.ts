import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { countedBy, testCounting } from '../../infra/testing/countingFunction.ts';
import { taskSnapshot } from '../../infra/testing/taskSnapshot.ts';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { TaskEvent } from '../../shared/events/event.ts';
import onTaskDeleted from './onTaskDeleted.ts';

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(onTaskDeleted);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  platform.logged = [];
});

const event = (data: Partial<TaskEvent<'task.deleted'>['data']> = {}): TaskEvent<'task.deleted'> => ({
  event_id: randomUUID(),
  event_type: 'task.deleted',
  timestamp: '2026-11-25T23:30:00.000Z',
  user_id: 'alice',
  task_id: randomUUID(),
  data: { ...taskSnapshot({ version: 2 }), ...data },
});
const stats = () => countedBy(platform);
const notifications = () => platform.database.query('select kind from notifications');

test('a deleted task is taken out wherever it counted, without a notification', async () => {
  const late = { due_at: '2026-11-25T10:00:00.000Z', completed_at: '2026-11-25T12:00:00.000Z' };
  const response = await app.deliver(event(late));
  expect([response.status, await response.json()]).toEqual([200, { status: 'SUCCESS' }]);
  expect(await stats()).toEqual([
    { user_id: 'alice', slot: '11-25 08:00', created: -1, completed: 0, late: 0 },
    { user_id: 'alice', slot: '11-25 09:45', created: 0, completed: 0, late: -1 },
    { user_id: 'alice', slot: '11-25 12:00', created: 0, completed: -1, late: 0 },
  ]);
  expect(await notifications()).toEqual([]);
});

testCounting({ type: 'task.deleted', platform: () => platform, app: () => app, event: () => event() });
