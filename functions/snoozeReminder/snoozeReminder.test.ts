import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Task } from '../../shared/domain/task.ts';
import completeTask from '../completeTask/completeTask.ts';
import createTask from '../createTask/createTask.ts';
import getTask from '../getTask/getTask.ts';
import reminderCron from '../reminderCron/reminderCron.ts';
import updateTask from '../updateTask/updateTask.ts';
import snoozeReminder from './snoozeReminder.ts';

/** The evening before the clocks of Madrid are set back. */
const now = new Date('2026-10-24T16:00:00.500Z');

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(snoozeReminder);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, { published: [], now });
});

async function newTask(): Promise<Task> {
  const about = {
    title: 'Call Ann',
    due: { dateTime: '2026-10-28T18:00', timeZone: 'Europe/Madrid' },
    reminders: [{ before: 'P3D' }, { at: '2026-10-26T10:00:00Z' }],
  };
  const { body } = await platform.app(createTask).call<Task>('alice', '/tasks', about);
  platform.published.length = 0;
  return body;
}
const snooze = (task: Task, body: unknown, { user = 'alice', reminderId = task.reminders[0]?.id, headers = {} } = {}) =>
  app.call<Task>(user, `/tasks/${task.id}/reminders/${reminderId}/snooze`, body, headers);
const current = async ({ id }: Task) => (await platform.app(getTask).call<Task>('alice', `/tasks/${id}`)).body;

test('a reminder is put off until an instant, and that is told', async () => {
  const task = await newTask();
  const { status, body } = await snooze(task, { until: '2026-10-27T08:00:00+01:00' });
  expect([status, body.version]).toEqual([200, 2]);
  // Those that are sooner come first.
  expect(body.reminders).toMatchObject([
    { spec: { at: '2026-10-26T10:00:00.000Z' }, snoozed: false },
    { spec: { before: 'P3D' }, remindAt: '2026-10-27T07:00:00.000Z', snoozed: true, status: 'pending' },
  ]);
  expect(await current(task)).toEqual(body);
  expect(platform.published).toMatchObject([{ type: 'task.updated', data: { data: { changed: ['reminders'] } } }]);
});

test.each([
  ['PT10M', '2026-10-24T16:10:00.500Z'],
  // The same time of the next day, which has 25 hours in Madrid.
  ['P1D', '2026-10-25T17:00:00.500Z'],
  ['PT24H', '2026-10-25T16:00:00.500Z'],
])('or for so long: %s, days being those of the task’s zone', async (duration, until) => {
  const task = await newTask();
  const { body } = await snooze(task, { for: duration });
  expect(body.reminders.find(({ snoozed }) => snoozed)).toMatchObject({ remindAt: until });
});

test('one that has reminded reminds again, at its new time and not a millisecond before', async () => {
  const task = await newTask();
  const cron = platform.app(reminderCron);
  const tickAt = async (instant: string) => {
    platform.now = new Date(instant);
    await cron.tick();
    return platform.published.filter(({ type }) => type === 'reminder.due').length;
  };
  expect(await tickAt('2026-10-25T17:00:00.000Z')).toBe(1);
  await snooze(await current(task), { for: 'PT10M' });
  expect(await tickAt('2026-10-25T17:09:59.999Z')).toBe(1);
  expect(await tickAt('2026-10-25T17:10:00.000Z')).toBe(2);
  expect(await tickAt('2026-10-25T17:11:00.000Z')).toBe(2);
});

test('moving the due time moves a relative reminder and ends its snooze; an absolute one stays put off', async () => {
  const task = await newTask();
  await snooze(task, { until: '2026-10-27T07:00:00Z' });
  await snooze(task, { until: '2026-10-27T08:00:00Z' }, { reminderId: task.reminders[1]?.id });
  const due = { dateTime: '2026-10-30T18:00', timeZone: 'Europe/Madrid' };
  const { body } = await platform.app(updateTask).call<Task>('alice', `/tasks/${task.id}`, { due });
  expect(body.reminders).toMatchObject([
    { spec: { at: '2026-10-26T10:00:00.000Z' }, remindAt: '2026-10-27T08:00:00.000Z', snoozed: true },
    { spec: { before: 'P3D' }, remindAt: '2026-10-27T17:00:00.000Z', snoozed: false },
  ]);
});

test.each([
  ['a time that has passed', { until: '2026-10-24T16:00:00Z' }, '#/until', 'ahead'],
  ['no time at all', { for: 'PT0S' }, '#/for', 'ahead'],
  ['more than a year', { until: '2028-01-01T00:00:00Z' }, '#/until', '366 days'],
  ['a negative duration', { for: '-PT5M' }, '#/for', 'negative'],
  ['a duration without a length in days', { for: 'P1M' }, '#/for', 'Years and months'],
])('%s is refused', async (_, body, pointer, detail) => {
  const task = await newTask();
  const answer = await snooze(task, body);
  expect(answer).toMatchObject({
    status: 422,
    body: { errors: [{ pointer, detail: expect.stringContaining(detail) }] },
  });
  expect(await current(task)).toEqual(task);
});

test.each([{}, { until: '2026-10-27T08:00:00Z', for: 'PT5M' }, { minutes: 5 }, 5, null])(
  'a body like %j is refused',
  async (body) => {
    const task = await newTask();
    expect((await snooze(task, body)).status).toBe(422);
    expect(await current(task)).toEqual(task);
  },
);

test('what is done reminds of nothing', async () => {
  const task = await newTask();
  await platform.app(completeTask).call('alice', `/tasks/${task.id}/complete`);
  expect(await snooze(task, { for: 'PT5M' })).toMatchObject({
    status: 422,
    body: { detail: expect.stringContaining('done') },
  });
});

test('a version that is no longer there is refused', async () => {
  const task = await newTask();
  expect((await snooze(task, { for: 'PT5M' }, { headers: { 'if-match': '"7"' } })).status).toBe(412);
});

test('an unknown reminder, another task’s, and another user’s are not found', async () => {
  const [task, other] = [await newTask(), await newTask()];
  const body = { for: 'PT5M' };
  expect((await snooze(task, body, { reminderId: randomUUID() })).status).toBe(404);
  expect((await snooze(task, body, { reminderId: other.reminders[0]?.id })).status).toBe(404);
  expect((await snooze(task, body, { user: 'bob' })).status).toBe(404);
  expect([await current(task), await current(other)]).toEqual([task, other]);
});
