import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { channelsOf } from '../../infra/testing/channels.ts';
import { taskSnapshot } from '../../infra/testing/taskSnapshot.ts';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import { type TaskEvent, toCloudEvent } from '../../shared/events/event.ts';
import createTask from '../createTask/createTask.ts';
import onTaskCreated from './onTaskCreated.ts';

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(onTaskCreated);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, { logged: [], jobs: new Map(), schedulerAway: false, now: undefined });
});

const event = (changes: Partial<TaskEvent<'task.created'>> = {}): TaskEvent<'task.created'> => ({
  event_id: randomUUID(),
  event_type: 'task.created',
  timestamp: '2026-11-25T23:30:00.000Z',
  user_id: 'alice',
  task_id: randomUUID(),
  data: taskSnapshot(),
  ...changes,
});
const notifications = () => platform.database.query('select user_id, task_id, kind, message from notifications');
const stats = () =>
  platform.database.query(
    `select user_id, to_char(slot at time zone 'UTC', 'MM-DD HH24:MI') as slot, created, completed from stats_slots`,
  );

test('a new task is notified to its user and counted where it was created', async () => {
  const created = event();
  const response = await app.deliver(created);
  expect([response.status, await response.json()]).toEqual([200, { status: 'SUCCESS' }]);
  expect(await notifications()).toEqual([
    { user_id: 'alice', task_id: created.task_id, kind: 'task.created', message: 'New task: Buy milk' },
  ]);
  expect(await stats()).toEqual([{ user_id: 'alice', slot: '11-25 08:00', created: 1, completed: 0 }]);
});

test('its first reminder is what wakes somebody next', async () => {
  platform.now = new Date('2026-12-01T08:00:00.000Z');
  const reminder = '2026-12-01T09:00:00.000Z';
  await platform.app(createTask).call('alice', '/tasks', { title: 'Call Ann', reminders: [{ at: reminder }] });
  const [created] = channelsOf(platform).taken('task.created');
  expect(created?.data).toMatchObject({ next_reminder_at: reminder });
  await app.deliver(created as TaskEvent<'task.created'>);
  expect(platform.jobs.get('wake-up')).toMatchObject({ due: 60 * 60 * 1000 });
});

test('with the scheduler away it is notified all the same', async () => {
  platform.schedulerAway = true;
  await app.deliver(event({ data: taskSnapshot({ next_reminder_at: '2026-12-01T09:00:00.000Z' }) }));
  expect(await notifications()).toHaveLength(1);
});

test('tasks of one quarter-hour add up', async () => {
  for (let task = 0; task < 3; task += 1) await app.deliver(event());
  expect(await stats()).toEqual([{ user_id: 'alice', slot: '11-25 08:00', created: 3, completed: 0 }]);
});

describe('an event that is delivered again', () => {
  test('has no effect, and is answered with success', async () => {
    const created = event();
    await app.deliver(created);
    const response = await app.deliver(created);
    expect([response.status, await response.json()]).toEqual([200, { status: 'SUCCESS' }]);
    expect(await notifications()).toHaveLength(1);
    expect(await stats()).toMatchObject([{ created: 1 }]);
    expect(platform.logged.map(({ outcome }) => outcome)).toEqual(['handled', 'duplicate']);
  });

  test('has one effect, also when all its deliveries come at once', async () => {
    const created = event();
    const responses = await Promise.all(Array.from({ length: 10 }, () => app.deliver(created)));
    expect(responses.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(await notifications()).toHaveLength(1);
    expect(await stats()).toMatchObject([{ created: 1 }]);
  });
});

describe('an event that cannot be read goes to the dead letters, with a line in the log', () => {
  const delivery = toCloudEvent(event(), { source: '/test' });
  test.each([
    ['no JSON', 'poison'],
    ['not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
    ['no event', '[]'],
    ['data of the wrong shape', JSON.stringify({ ...delivery, data: 'poison' })],
    ['another type', JSON.stringify({ ...delivery, type: 'task.deleted' })],
    ['too large', JSON.stringify({ ...delivery, padding: 'x'.repeat(3_000_000) })],
  ])('%s', async (_what, body) => {
    const headers = { 'content-type': 'application/cloudevents+json', 'dapr-api-token': 'app-token' };
    const response = await app.request('/events/task-created', { method: 'POST', headers, body });
    expect([response.status, await response.json()]).toEqual([200, { status: 'DROP' }]);
    expect(platform.logged).toMatchObject([{ level: 'error', outcome: 'dropped', reason: expect.any(String) }]);
    expect(await notifications()).toEqual([]);
  });
});

test('an effect that fails is undone whole, and the event is to be delivered again', async () => {
  await platform.database.query('alter table stats_slots rename to gone');
  const created = event();
  try {
    expect((await app.deliver(created)).status).toBe(500);
    expect(await notifications()).toEqual([]);
  } finally {
    await platform.database.query('alter table gone rename to stats_slots');
  }
  expect((await app.deliver(created)).status).toBe(200);
  expect(await notifications()).toHaveLength(1);
});

test('only the sidecar may deliver', async () => {
  const body = JSON.stringify(toCloudEvent(event(), { source: '/test' }));
  for (const token of ['', 'wrong']) {
    const headers = { 'content-type': 'application/cloudevents+json', 'dapr-api-token': token };
    expect((await app.request('/events/task-created', { method: 'POST', headers, body })).status).toBe(401);
  }
  expect(await notifications()).toEqual([]);
});

test('a wrong address is never answered with 404, which Dapr would take as final', async () => {
  expect((await app.request('/events/task-made', { method: 'POST' })).status).toBe(503);
});
