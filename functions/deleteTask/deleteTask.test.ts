import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Task } from '../../shared/domain/task.ts';
import completeTask from '../completeTask/completeTask.ts';
import createTask from '../createTask/createTask.ts';
import getTask from '../getTask/getTask.ts';
import listTasks from '../listTasks/listTasks.ts';
import outboxCron from '../outboxCron/outboxCron.ts';
import restoreTask from '../restoreTask/restoreTask.ts';
import deleteTask from './deleteTask.ts';

// In the past, so that tokens are valid a month later too.
const now = new Date('2026-01-25T09:00:00.000Z');
const DAY_MS = 24 * 60 * 60 * 1000;

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(deleteTask);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, { published: [], now });
});

async function create(about: object = {}): Promise<Task> {
  const { body } = await platform.app(createTask).call<Task>('alice', '/tasks', { title: 'Buy milk', ...about });
  platform.published.length = 0;
  return body;
}
const remove = ({ id }: Task, userId = 'alice', headers = {}) =>
  app.call<Task>(userId, `/tasks/${id}`, undefined, headers);
const restore = ({ id }: Task, userId = 'alice') =>
  platform.app(restoreTask).call<Task>(userId, `/tasks/${id}/restore`);
const read = ({ id }: Task) => platform.app(getTask).call<Task>('alice', `/tasks/${id}`);

test('a deleted task is found no more, its reminders are off, and that is told', async () => {
  const task = await create({ reminders: [{ at: '2026-01-26T09:00:00.000Z' }] });
  const { status, body } = await remove(task);
  expect([status, body.deletedAt, body.version]).toEqual([200, now.toISOString(), 2]);
  expect(body.reminders.map((reminder) => reminder.status)).toEqual(['cancelled']);
  expect((await read(task)).status).toBe(404);
  expect((await platform.app(listTasks).call<{ items: Task[] }>('alice', '/tasks')).body.items).toEqual([]);
  expect((await remove(task)).status).toBe(404);
  expect((await platform.app(completeTask).call('alice', `/tasks/${task.id}/complete`)).status).toBe(404);
  expect(platform.published).toMatchObject([
    { type: 'task.deleted', data: { data: { version: 2, title: 'Buy milk' } } },
  ]);
});

test('it can be restored, with its reminders, and that is told', async () => {
  const task = await create({ reminders: [{ at: '2026-01-26T09:00:00.000Z' }] });
  await remove(task);
  platform.published.length = 0;
  const { status, body } = await restore(task);
  expect([status, body]).toEqual([200, { ...task, version: 3 }]);
  expect((await read(task)).body).toEqual(body);
  expect(platform.published).toMatchObject([
    { type: 'task.updated', data: { data: { changed: ['reminders', 'deletedAt'], previous: null } } },
  ]);
  expect(await restore(task)).toMatchObject({ status: 200, body: { version: 3 } });
});

test('after 30 days it is purged, and cannot be restored any more', async () => {
  const [gone, young] = [await create(), await create()];
  await remove(gone);
  platform.now = new Date(now.getTime() + 1);
  await remove(young);
  platform.now = new Date(now.getTime() + 30 * DAY_MS);
  await platform.app(outboxCron).tick();
  expect((await platform.database.query('select 1 from tasks')).length).toBe(2);
  platform.now = new Date(now.getTime() + 30 * DAY_MS + 1);
  await platform.app(outboxCron).tick();
  expect(await platform.database.query('select id from tasks')).toEqual([{ id: young.id }]);
  expect([(await restore(gone)).status, (await restore(young)).status]).toEqual([404, 200]);
});

test('a series goes on without the instance', async () => {
  const task = await create({
    due: { dateTime: '2026-01-25T08:00:00', timeZone: 'UTC' },
    recurrence: { rule: 'FREQ=DAILY' },
  });
  const waits = () => platform.database.query('select create_at is null as waits from series');
  expect(await waits()).toEqual([{ waits: true }]);
  await remove(task);
  expect(await waits()).toEqual([{ waits: false }]);
  await restore(task);
  expect(await waits()).toEqual([{ waits: true }]);
});

test('another user can neither delete nor restore it', async () => {
  const task = await create();
  expect((await remove(task, 'bob')).status).toBe(404);
  expect((await read(task)).body).toEqual(task);
  await remove(task);
  expect((await restore(task, 'bob')).status).toBe(404);
  expect((await read(task)).status).toBe(404);
});

test('a version that is no longer there is not deleted', async () => {
  const task = await create();
  expect((await remove(task, 'alice', { 'if-match': '"2"' })).status).toBe(412);
  expect((await remove(task, 'alice', { 'if-match': '"1"' })).status).toBe(200);
});
