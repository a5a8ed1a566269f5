import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Task } from '../../shared/domain/task.ts';
import createTask from '../createTask/createTask.ts';
import completeTask from './completeTask.ts';

let platform: TestPlatform;
let app: TestApp;
const create = async (task: object) => (await platform.app(createTask).call<Task>('alice', '/tasks', task)).body;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(completeTask);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, { published: [], brokerAway: false });
});

test('a task is completed, its reminders are cancelled, and the event tells of the new version', async () => {
  const due = { date: '2099-01-01', timeZone: 'UTC' };
  const task = await create({ title: 'Buy milk', due, reminders: [{ before: 'P1D' }] });
  const { status, body } = await app.call<Task>('alice', `/tasks/${task.id}/complete`);
  expect(status).toBe(200);
  expect(body).toMatchObject({ status: 'completed', version: 2, completedAt: expect.any(String) });
  expect(body.reminders).toMatchObject([{ status: 'cancelled' }]);
  expect(platform.published).toMatchObject([
    { type: 'task.created', data: { data: { version: 1 } } },
    { type: 'task.completed', data: { data: { version: 2 } } },
  ]);
});

test('completing it again changes nothing and publishes nothing', async () => {
  const task = await create({ title: 'Buy milk' });
  const first = await app.call<Task>('alice', `/tasks/${task.id}/complete`);
  const second = await app.call<Task>('alice', `/tasks/${task.id}/complete`);
  expect(second).toMatchObject({ status: 200, body: first.body });
  expect(platform.published).toHaveLength(2);
});

test('of many who complete it at once, one does, and the others find it done or are told of the conflict', async () => {
  const task = await create({ title: 'Buy milk' });
  const path = `/tasks/${task.id}/complete`;
  const answers = await Promise.all(Array.from({ length: 10 }, () => app.call<Task>('alice', path)));
  expect(answers.map(({ status }) => status).filter((status) => ![200, 409].includes(status))).toEqual([]);
  expect(platform.published.filter(({ type }) => type === 'task.completed')).toHaveLength(1);
  const [row] = await platform.database.query('select status, version from tasks');
  expect(row).toMatchObject({ status: 'completed', version: 2 });
});

test('while an older event of the task waits in the outbox, the newer one waits behind it', async () => {
  platform.brokerAway = true;
  const task = await create({ title: 'Buy milk' });
  platform.brokerAway = false;
  await app.call('alice', `/tasks/${task.id}/complete`);
  expect(platform.published).toEqual([]);
  const rows = await platform.database.query('select event_type from outbox where published_at is null order by seq');
  expect(rows.map(({ event_type }) => event_type)).toEqual(['task.created', 'task.completed']);
});

test('the next instance of a series may be made once this one is done', async () => {
  const due = { dateTime: '2027-01-01T09:00', timeZone: 'UTC' };
  const task = await create({ title: 'Daily', due, recurrence: { rule: 'FREQ=DAILY' } });
  await app.call('alice', `/tasks/${task.id}/complete`);
  const [series] = await platform.database.query('select create_at from series');
  expect(series).toEqual({ create_at: new Date('2027-01-02T08:00:00Z') });
});

test('another user’s task is not found, and stays open', async () => {
  const task = await create({ title: 'Buy milk' });
  expect((await app.call('bob', `/tasks/${task.id}/complete`)).status).toBe(404);
  expect(await platform.database.query('select status from tasks')).toEqual([{ status: 'open' }]);
});
