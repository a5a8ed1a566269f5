import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { taskSnapshot } from '../../infra/testing/taskSnapshot.ts';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import { type TaskEvent, toCloudEvent } from '../../shared/events/event.ts';
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
const stats = () =>
  platform.database.query(
    `select user_id, to_char(slot at time zone 'UTC', 'MM-DD HH24:MI') as slot, created, completed, late
     from stats_slots where (created, completed, late) <> (0, 0, 0) order by slot`,
  );
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

test('an event that is delivered again has no effect, also when all its deliveries come at once', async () => {
  const delivered = event();
  const responses = await Promise.all(Array.from({ length: 5 }, () => app.deliver(delivered)));
  expect(responses.map(({ status }) => status)).toEqual(Array(5).fill(200));
  const once = await stats();
  expect(once).toMatchObject([{ created: 0, completed: 1, late: 0 }]);
  const response = await app.deliver(delivered);
  expect([response.status, await response.json()]).toEqual([200, { status: 'SUCCESS' }]);
  expect(await stats()).toEqual(once);
  expect(platform.logged.filter(({ outcome }) => outcome === 'handled')).toHaveLength(1);
});

test('an effect that fails is undone whole, and the event is to be delivered again', async () => {
  const delivered = event();
  await platform.database.query('alter table stats_slots rename to gone');
  try {
    expect((await app.deliver(delivered)).status).toBe(500);
    expect(await platform.database.query('select from inbox')).toEqual([]);
  } finally {
    await platform.database.query('alter table gone rename to stats_slots');
  }
  expect((await app.deliver(delivered)).status).toBe(200);
  expect(await stats()).toMatchObject([{ created: 0, completed: 1, late: 0 }]);
});

test('an event that cannot be read goes to the dead letters', async () => {
  const unreadable = event({ created_at: 'yesterday' });
  const response = await app.deliver(unreadable);
  expect([response.status, await response.json()]).toEqual([200, { status: 'DROP' }]);
  expect(await stats()).toEqual([]);
});

test('only the sidecar may deliver', async () => {
  const body = JSON.stringify(toCloudEvent(event(), { source: '/test' }));
  for (const token of ['', 'wrong']) {
    const headers = { 'content-type': 'application/cloudevents+json', 'dapr-api-token': token };
    expect((await app.request('/events/task-completed', { method: 'POST', headers, body })).status).toBe(401);
  }
  expect(await stats()).toEqual([]);
});
