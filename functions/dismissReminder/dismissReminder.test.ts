import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Task } from '../../shared/domain/task.ts';
import completeTask from '../completeTask/completeTask.ts';
import createTask from '../createTask/createTask.ts';
import getTask from '../getTask/getTask.ts';
import reminderCron from '../reminderCron/reminderCron.ts';
import reopenTask from '../reopenTask/reopenTask.ts';
import updateTask from '../updateTask/updateTask.ts';
import dismissReminder from './dismissReminder.ts';

const now = new Date('2026-11-25T09:00:00.000Z');

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(dismissReminder);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, { published: [], now });
});

async function newTask(): Promise<Task> {
  const about = {
    title: 'Call Ann',
    due: { dateTime: '2026-11-26T10:00', timeZone: 'UTC' },
    reminders: [{ before: 'PT1H' }],
  };
  const { body } = await platform.app(createTask).call<Task>('alice', '/tasks', about);
  platform.published.length = 0;
  return body;
}
const dismiss = ({ id, reminders: [reminder] }: Task, { user = 'alice', reminderId = reminder?.id } = {}) =>
  app.call<Task>(user, `/tasks/${id}/reminders/${reminderId}/dismiss`);
const current = async ({ id }: Task) => (await platform.app(getTask).call<Task>('alice', `/tasks/${id}`)).body;

test('a dismissed reminder does not remind, and that is told; dismissing it again changes nothing', async () => {
  const task = await newTask();
  const { status, body } = await dismiss(task);
  expect([status, body]).toMatchObject([200, { version: 2, reminders: [{ status: 'dismissed' }] }]);
  expect(platform.published).toMatchObject([{ type: 'task.updated', data: { data: { changed: ['reminders'] } } }]);
  expect(await dismiss(task)).toMatchObject({ status: 200, body });
  expect(await current(task)).toEqual(body);

  platform.now = new Date('2026-11-26T09:00:00.000Z');
  await platform.app(reminderCron).tick();
  expect(platform.published).toHaveLength(1);
});

test('reopening its task leaves it dismissed; moving the due time lets it remind again', async () => {
  const task = await newTask();
  await dismiss(task);
  await platform.app(completeTask).call('alice', `/tasks/${task.id}/complete`);
  await platform.app(reopenTask).call('alice', `/tasks/${task.id}/reopen`);
  expect((await current(task)).reminders).toMatchObject([{ status: 'dismissed' }]);

  const due = { dateTime: '2026-11-27T10:00', timeZone: 'UTC' };
  await platform.app(updateTask).call('alice', `/tasks/${task.id}`, { due });
  expect((await current(task)).reminders).toMatchObject([{ status: 'pending', remindAt: '2026-11-27T09:00:00.000Z' }]);
});

test('what is done reminds of nothing', async () => {
  const task = await newTask();
  await platform.app(completeTask).call('alice', `/tasks/${task.id}/complete`);
  expect(await dismiss(task)).toMatchObject({ status: 422, body: { detail: expect.stringContaining('done') } });
});

test('an unknown reminder and another user’s are not found', async () => {
  const task = await newTask();
  expect((await dismiss(task, { reminderId: randomUUID() })).status).toBe(404);
  expect((await dismiss(task, { user: 'bob' })).status).toBe(404);
  expect((await app.call('alice', `/tasks/${task.id}/reminders/1/dismiss`)).status).toBe(404);
  expect(await current(task)).toEqual(task);
});
