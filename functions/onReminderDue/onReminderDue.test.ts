import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Task } from '../../shared/domain/task.ts';
import type { TaskEvent } from '../../shared/events/event.ts';
import completeTask from '../completeTask/completeTask.ts';
import createTask from '../createTask/createTask.ts';
import onReminderDue from './onReminderDue.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());

const create = async () => (await platform.app(createTask).call<Task>('alice', '/tasks', { title: 'Call Ann' })).body;
const reminder = (task: Task): TaskEvent<'reminder.due'> => ({
  event_id: randomUUID(),
  event_type: 'reminder.due',
  timestamp: '2026-11-25T08:00:00.000Z',
  user_id: 'alice',
  task_id: task.id,
  data: {
    version: 1,
    reminder_id: randomUUID(),
    title: task.title,
    remind_at: '2026-11-25T08:00:00.000Z',
    due_at: null,
  },
});
const messagesOf = async (task: Task) => {
  const rows = await platform.database.query('select message from notifications where task_id = $1', [task.id]);
  return rows.map(({ message }) => message);
};

test('the user is reminded of an open task, once', async () => {
  const task = await create();
  const event = reminder(task);
  const app = platform.app(onReminderDue);
  expect((await app.deliver(event)).status).toBe(200);
  expect((await app.deliver(event)).status).toBe(200);
  expect(await messagesOf(task)).toEqual(['Reminder: Call Ann']);
});

test('a reminder that was on its way when the task was completed is not shown', async () => {
  const task = await create();
  await platform.app(completeTask).call('alice', `/tasks/${task.id}/complete`);
  const response = await platform.app(onReminderDue).deliver(reminder(task));
  expect(await response.json()).toEqual({ status: 'SUCCESS' });
  expect(await messagesOf(task)).toEqual([]);
});
