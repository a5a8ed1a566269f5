import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Task } from '../../shared/domain/task.ts';
import completeTask from '../completeTask/completeTask.ts';
import createTask from '../createTask/createTask.ts';
import recurringCron from './recurringCron.ts';

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(recurringCron);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, { published: [], logged: [], brokerAway: false, now: new Date('2026-11-01T12:00:00Z') });
});

/** Starts a daily series, first due on 2 November at 9:00 UTC. */
async function startSeries(changes: object = {}): Promise<Task> {
  const { body } = await platform.app(createTask).call<Task>('alice', '/tasks', {
    title: 'Water the plants',
    tags: ['home'],
    due: { dateTime: '2026-11-02T09:00', timeZone: 'UTC' },
    recurrence: { rule: 'FREQ=DAILY' },
    ...changes,
  });
  return body;
}
async function completeAt(task: { id: string }, at: string): Promise<void> {
  platform.now = new Date(at);
  expect((await platform.app(completeTask).call('alice', `/tasks/${task.id}/complete`)).status).toBe(200);
}
async function tickAt(at: string): Promise<void> {
  platform.now = new Date(at);
  expect((await app.tick()).status).toBe(200);
}
const instances = () =>
  platform.database.query('select id, title, tags, status, occurrence_local from tasks order by occurrence_local');
const open = async () => (await instances()).filter(({ status }) => status === 'open');

test('once an instance is done, the next is made an hour before its slot, with its events', async () => {
  await completeAt(await startSeries(), '2026-11-02T09:30:00Z');
  platform.published = [];
  await tickAt('2026-11-03T07:59:59Z');
  expect(await open()).toEqual([]);
  await tickAt('2026-11-03T08:00:00Z');
  const [next, ...others] = await open();
  expect(next).toMatchObject({
    title: 'Water the plants',
    tags: ['home'],
    occurrence_local: '2026-11-03T09:00:00',
  });
  expect(others).toEqual([]);
  expect(platform.published.map(({ type, subject }) => [type, subject])).toEqual([
    ['task.created', next?.id],
    ['recurring.trigger', next?.id],
  ]);
});

test('while an instance is open, no other is made', async () => {
  await startSeries();
  await tickAt('2026-11-09T12:00:00Z');
  expect(await instances()).toHaveLength(1);
});

test('a late completion brings the most recent occurrence, and the others are counted', async () => {
  await completeAt(await startSeries(), '2026-11-09T12:00:00Z');
  await tickAt('2026-11-09T13:00:00Z');
  expect(await open()).toMatchObject([{ occurrence_local: '2026-11-09T09:00:00' }]);
  const trigger = platform.published.find(({ type }) => type === 'recurring.trigger');
  expect(trigger?.data.data).toMatchObject({ occurrence: '2026-11-09T09:00:00', passed_over: 6 });
  expect(await platform.database.query('select passed_over from series')).toEqual([{ passed_over: 6 }]);
});

test('an early completion does not bring the same occurrence back', async () => {
  await completeAt(await startSeries(), '2026-11-01T18:00:00Z');
  await tickAt('2026-11-02T12:00:00Z');
  expect(await open()).toEqual([]);
  await tickAt('2026-11-03T08:00:00Z');
  expect(await open()).toMatchObject([{ occurrence_local: '2026-11-03T09:00:00' }]);
});

test('many crons at once make one instance', async () => {
  await completeAt(await startSeries(), '2026-11-02T09:30:00Z');
  platform.now = new Date('2026-11-03T09:00:00Z');
  const answers = await Promise.all(Array.from({ length: 8 }, () => app.tick()));
  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
  expect(await instances()).toHaveLength(2);
  expect(platform.published.filter(({ type }) => type === 'recurring.trigger')).toHaveLength(1);
});

describe('an instance has the reminders of its series', () => {
  const reminders = [{ before: 'P1D' }, { before: 'PT1H' }];
  const statuses = () =>
    platform.database.query(
      `select r.remind_at, r.status from reminders r join tasks t on t.id = r.task_id
       where t.status = 'open' order by remind_at`,
    );

  test('and is made early enough for the first of them', async () => {
    await completeAt(await startSeries({ reminders, recurrence: { rule: 'FREQ=WEEKLY' } }), '2026-11-02T09:30:00Z');
    await tickAt('2026-11-08T07:00:00Z');
    expect(await statuses()).toEqual([
      { remind_at: new Date('2026-11-08T09:00:00Z'), status: 'pending' },
      { remind_at: new Date('2026-11-09T08:00:00Z'), status: 'pending' },
    ]);
  });

  test('of which those that are too late are recorded as expired', async () => {
    await completeAt(await startSeries({ reminders }), '2026-11-09T12:00:00Z');
    await tickAt('2026-11-09T13:00:00Z');
    expect((await statuses()).map(({ status }) => status)).toEqual(['expired', 'pending']);
  });
});

test('a series ends where its rule does', async () => {
  await completeAt(await startSeries({ recurrence: { rule: 'FREQ=DAILY;COUNT=2' } }), '2026-11-02T09:30:00Z');
  await tickAt('2026-11-03T09:00:00Z');
  const [last] = await open();
  await completeAt({ id: String(last?.id) }, '2026-11-03T10:00:00Z');
  await tickAt('2026-11-10T09:00:00Z');
  expect(await instances()).toHaveLength(2);
});

test('a wall time stays where it is through a clock change', async () => {
  const due = { dateTime: '2026-10-24T09:00', timeZone: 'Europe/Berlin' };
  platform.now = new Date('2026-10-23T12:00:00Z');
  await completeAt(await startSeries({ due }), '2026-10-24T08:00:00Z');
  await tickAt('2026-10-25T07:00:00Z');
  expect(await platform.database.query(`select due_local, due_at from tasks where status = 'open'`)).toEqual([
    { due_local: '2026-10-25T09:00:00', due_at: new Date('2026-10-25T08:00:00Z') },
  ]);
});

test('a series that is broken is logged and keeps no other from its instance', async () => {
  await completeAt(await startSeries(), '2026-11-02T09:30:00Z');
  await completeAt(await startSeries({ title: 'Broken' }), '2026-11-02T09:30:00Z');
  await platform.database.query(`update series set rule = 'nonsense' where template->>'title' = 'Broken'`);
  await tickAt('2026-11-03T09:00:00Z');
  expect(await open()).toMatchObject([{ title: 'Water the plants' }]);
  expect(platform.logged).toContainEqual(expect.objectContaining({ level: 'error', outcome: 'series-failed' }));
});
