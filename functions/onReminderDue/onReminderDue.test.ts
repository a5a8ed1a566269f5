import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Task } from '../../shared/domain/task.ts';
import type { TaskEvent } from '../../shared/events/event.ts';
import completeTask from '../completeTask/completeTask.ts';
import createTask from '../createTask/createTask.ts';
import deleteTask from '../deleteTask/deleteTask.ts';
import dismissReminder from '../dismissReminder/dismissReminder.ts';
import snoozeReminder from '../snoozeReminder/snoozeReminder.ts';
import updateTask from '../updateTask/updateTask.ts';
import onReminderDue from './onReminderDue.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());

const REMIND_AT = '2026-11-25T08:00:00.000Z';

/** A task whose reminder the cron has just turned into an event. */
async function remindedTask(): Promise<{ task: Task; event: TaskEvent<'reminder.due'> }> {
  platform.now = new Date('2026-11-25T07:00:00.000Z');
  const about = { title: 'Call Ann', reminders: [{ at: REMIND_AT }] };
  const { body: task } = await platform.app(createTask).call<Task>('alice', '/tasks', about);
  platform.now = new Date(REMIND_AT);
  await platform.database.query(`update reminders set status = 'triggered' where task_id = $1`, [task.id]);
  return { task, event: reminder(task) };
}
const reminder = (task: Task): TaskEvent<'reminder.due'> => ({
  event_id: randomUUID(),
  event_type: 'reminder.due',
  timestamp: REMIND_AT,
  user_id: 'alice',
  task_id: task.id,
  data: {
    version: 1,
    reminder_id: task.reminders[0]?.id ?? '',
    title: task.title,
    remind_at: REMIND_AT,
    due_at: null,
  },
});
const messagesOf = async (task: Task) => {
  const rows = await platform.database.query('select message from notifications where task_id = $1', [task.id]);
  return rows.map(({ message }) => message);
};

test('the user is reminded of an open task, once', async () => {
  const { task, event } = await remindedTask();
  const app = platform.app(onReminderDue);
  expect((await app.deliver(event)).status).toBe(200);
  expect((await app.deliver(event)).status).toBe(200);
  expect(await messagesOf(task)).toEqual(['Reminder: Call Ann']);
});

test.each<[string, (task: Task, reminderPath: string) => Promise<unknown>]>([
  ['the task was completed', ({ id }) => platform.app(completeTask).call('alice', `/tasks/${id}/complete`)],
  ['the task was deleted', ({ id }) => platform.app(deleteTask).call('alice', `/tasks/${id}`)],
  [
    'it was moved',
    ({ id }) => platform.app(updateTask).call('alice', `/tasks/${id}`, { reminders: [{ at: '2026-11-26T08:00:00Z' }] }),
  ],
  ['it was put off', (_, path) => platform.app(snoozeReminder).call('alice', `${path}/snooze`, { for: 'PT10M' })],
  ['it was waved away', (_, path) => platform.app(dismissReminder).call('alice', `${path}/dismiss`)],
])('a reminder that was on its way when %s is not shown', async (_, happen) => {
  const { task, event } = await remindedTask();
  const answer = await happen(task, `/tasks/${task.id}/reminders/${task.reminders[0]?.id}`);
  expect(answer).toMatchObject({ status: 200 });
  const response = await platform.app(onReminderDue).deliver(event);
  expect(await response.json()).toEqual({ status: 'SUCCESS' });
  expect(await messagesOf(task)).toEqual([]);
});
