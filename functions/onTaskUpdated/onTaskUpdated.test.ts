import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { countedBy, testCounting } from '../../infra/testing/countingFunction.ts';
import { taskSnapshot } from '../../infra/testing/taskSnapshot.ts';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { TaskEvent } from '../../shared/events/event.ts';
import onTaskUpdated from './onTaskUpdated.ts';

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(onTaskUpdated);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  platform.logged = [];
});

const event = (data: Partial<TaskEvent<'task.updated'>['data']> = {}): TaskEvent<'task.updated'> => ({
  event_id: randomUUID(),
  event_type: 'task.updated',
  timestamp: '2026-11-25T23:30:00.000Z',
  user_id: 'alice',
  task_id: randomUUID(),
  data: { ...taskSnapshot({ version: 2 }), changed: ['due'], previous: taskSnapshot(), ...data },
});
const stats = () => countedBy(platform);
const notifications = () => platform.database.query('select kind from notifications');

const LATE = { due_at: '2026-11-25T10:00:00.000Z', completed_at: '2026-11-25T12:00:00.000Z' };

test('a due time that moves behind the completion makes the task late no longer, without a notification', async () => {
  const previous = taskSnapshot(LATE);
  const response = await app.deliver(event({ ...LATE, due_at: '2026-11-25T13:00:00.000Z', previous }));
  expect([response.status, await response.json()]).toEqual([200, { status: 'SUCCESS' }]);
  expect(await stats()).toEqual([{ user_id: 'alice', slot: '11-25 09:45', created: 0, completed: 0, late: -1 }]);
  expect(await notifications()).toEqual([]);
});

test('a reopened task is completed no longer', async () => {
  await app.deliver(event({ ...LATE, completed_at: null, previous: taskSnapshot(LATE) }));
  expect(await stats()).toMatchObject([
    { slot: '11-25 09:45', completed: 0, late: -1 },
    { slot: '11-25 12:00', completed: -1, late: 0 },
  ]);
});

test('a restored task counts again, as it is', async () => {
  await app.deliver(event({ ...LATE, previous: null }));
  expect(await stats()).toMatchObject([
    { slot: '11-25 08:00', created: 1 },
    { slot: '11-25 09:45', late: 1 },
    { slot: '11-25 12:00', completed: 1 },
  ]);
});

test('a new title counts for nothing, and is handled', async () => {
  await app.deliver(event({ changed: ['title'] }));
  expect(await stats()).toEqual([]);
  expect(await platform.database.query('select function from inbox')).toEqual([{ function: 'onTaskUpdated' }]);
});

testCounting({
  type: 'task.updated',
  platform: () => platform,
  app: () => app,
  event: () => event({ previous: null }),
});
