import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Task } from '../../shared/domain/task.ts';
import completeTask from '../completeTask/completeTask.ts';
import createTask from '../createTask/createTask.ts';
import getTask from '../getTask/getTask.ts';
import reopenTask from './reopenTask.ts';

const now = new Date('2026-11-25T09:00:00.000Z');

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(reopenTask);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, { published: [], now });
});

async function completedTask(about: object = {}): Promise<Task> {
  const { body } = await platform.app(createTask).call<Task>('alice', '/tasks', { title: 'Buy milk', ...about });
  await platform.app(completeTask).call('alice', `/tasks/${body.id}/complete`);
  platform.published.length = 0;
  return body;
}
const reopen = ({ id }: Task, userId = 'alice') => app.call<Task>(userId, `/tasks/${id}/reopen`);

test('a completed task is open again, and that is told', async () => {
  const task = await completedTask();
  const { status, body } = await reopen(task);
  expect([status, body]).toEqual([200, { ...task, version: 3 }]);
  expect((await platform.app(getTask).call('alice', `/tasks/${task.id}`)).body).toEqual(body);
  expect(platform.published).toMatchObject([
    {
      type: 'task.updated',
      data: {
        data: {
          version: 3,
          changed: ['status', 'completedAt'],
          completed_at: null,
          previous: { completed_at: now.toISOString() },
        },
      },
    },
  ]);
});

test('its reminders that are still ahead come alive; one that has passed meanwhile is expired', async () => {
  const task = await completedTask({
    reminders: [{ at: '2026-11-25T09:30:00.000Z' }, { at: '2026-11-25T11:00:00.000Z' }],
  });
  platform.now = new Date('2026-11-25T10:00:00.000Z');
  const { body } = await reopen(task);
  expect(body.reminders.map(({ status }) => status)).toEqual(['expired', 'pending']);
});

test('a task that is open stays as it is, and nothing is told', async () => {
  const { body } = await platform.app(createTask).call<Task>('alice', '/tasks', { title: 'Open' });
  platform.published.length = 0;
  expect(await reopen(body)).toMatchObject({ status: 200, body });
  expect(platform.published).toEqual([]);
});

test('a series waits again for the instance that is open again', async () => {
  const task = await completedTask({
    due: { dateTime: '2026-11-25T08:00:00', timeZone: 'UTC' },
    recurrence: { rule: 'FREQ=DAILY' },
  });
  const waiting = () => platform.database.query('select create_at is null as waits from series');
  expect(await waiting()).toEqual([{ waits: false }]);
  await reopen(task);
  expect(await waiting()).toEqual([{ waits: true }]);
});

test('another user’s task cannot be reopened', async () => {
  const task = await completedTask();
  expect((await reopen(task, 'bob')).status).toBe(404);
  expect(await platform.database.query('select status from tasks')).toEqual([{ status: 'completed' }]);
});
