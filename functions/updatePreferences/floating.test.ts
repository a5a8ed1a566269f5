import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { SeriesView } from '../../shared/domain/series.ts';
import type { Task } from '../../shared/domain/task.ts';
import completeTask from '../completeTask/completeTask.ts';
import createTask from '../createTask/createTask.ts';
import deleteTask from '../deleteTask/deleteTask.ts';
import getSeries from '../getSeries/getSeries.ts';
import getTask from '../getTask/getTask.ts';
import recurringCron from '../recurringCron/recurringCron.ts';
import reminderCron from '../reminderCron/reminderCron.ts';
import reopenTask from '../reopenTask/reopenTask.ts';
import restoreTask from '../restoreTask/restoreTask.ts';
import updateSeries from '../updateSeries/updateSeries.ts';
import updateTask from '../updateTask/updateTask.ts';
import updatePreferences from './updatePreferences.ts';

const now = new Date('2026-11-25T09:00:00.000Z');

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, { published: [], logged: [], now });
});

const goTo = (timeZone: string | null, userId = 'alice') =>
  platform.app(updatePreferences).call(userId, '/preferences', { timeZone });
const create = async (about: object = {}, userId = 'alice') => {
  const due = { dateTime: '2026-12-01T09:00', floating: true };
  const task = { title: 'Take the pill', due, reminders: [{ before: 'PT15M' }], ...about };
  return (await platform.app(createTask).call<Task>(userId, '/tasks', task)).body;
};
const current = async ({ id }: Task) => (await platform.app(getTask).call<Task>('alice', `/tasks/${id}`)).body;

test('a floating time stands in the zone that its user is in', async () => {
  await goTo('Europe/Madrid');
  expect(await create()).toMatchObject({
    due: { dateTime: '2026-12-01T09:00:00', timeZone: 'Europe/Madrid', floating: true },
    dueAt: '2026-12-01T08:00:00.000Z',
    reminders: [{ remindAt: '2026-12-01T07:45:00.000Z' }],
  });
});

test('it goes where its user goes, its reminders with it, and that is told', async () => {
  const task = await create();
  const fixed = await create({ due: { dateTime: '2026-12-01T09:00', timeZone: 'UTC' } });
  const bobs = await create({}, 'bob');
  platform.published.length = 0;
  expect(await goTo('Asia/Tokyo')).toMatchObject({ status: 200, body: { timeZone: 'Asia/Tokyo' } });

  const moved = await current(task);
  expect(moved).toMatchObject({
    due: { dateTime: '2026-12-01T09:00:00', timeZone: 'Asia/Tokyo', floating: true },
    dueAt: '2026-12-01T00:00:00.000Z',
    reminders: [{ remindAt: '2026-11-30T23:45:00.000Z', status: 'pending' }],
    version: 2,
  });
  expect(platform.published).toMatchObject([
    { type: 'task.updated', subject: task.id, data: { data: { changed: ['due', 'dueAt', 'reminders'], version: 2 } } },
  ]);
  expect(await current(fixed)).toEqual(fixed);
  expect(await platform.database.query('select version from tasks where id = $1', [bobs.id])).toEqual([{ version: 1 }]);
});

test('one that has reminded does not do so again; one whose time has passed where its user is now does at once', async () => {
  const due = { date: '2026-11-25', floating: true };
  // At 09:00 UTC now, and in an hour.
  await create({ due, reminders: [{ before: 'PT0S' }] });
  const later = await create({
    due: { dateTime: '2026-11-25T10:00', floating: true },
    reminders: [{ before: 'PT0S' }],
  });
  const tick = async () => {
    platform.published.length = 0;
    await platform.app(reminderCron).tick();
    return platform.published.map(({ subject }) => subject);
  };
  expect(await tick()).toHaveLength(1);
  await goTo('America/New_York');
  expect(await tick()).toEqual([]);
  await goTo('Asia/Tokyo');
  expect(await tick()).toEqual([later.id]);
});

test('a reminder that was put off stays where it was put', async () => {
  const task = await create();
  await platform.database.query(
    `update reminders set snoozed = true, remind_at = '2026-12-01T08:50:00Z' where task_id = $1`,
    [task.id],
  );
  await goTo('Asia/Tokyo');
  expect((await current(task)).reminders).toMatchObject([{ remindAt: '2026-12-01T08:50:00.000Z', snoozed: true }]);
});

test('one that is done stays as it was when it was done, and is where its user is when it is opened again', async () => {
  const task = await create();
  await platform.app(completeTask).call('alice', `/tasks/${task.id}/complete`);
  await goTo('Asia/Tokyo');
  expect(await current(task)).toMatchObject({ dueAt: '2026-12-01T09:00:00.000Z' });
  const { body } = await platform.app(reopenTask).call<Task>('alice', `/tasks/${task.id}/reopen`);
  expect(body).toMatchObject({
    due: { timeZone: 'Asia/Tokyo' },
    dueAt: '2026-12-01T00:00:00.000Z',
    reminders: [{ remindAt: '2026-11-30T23:45:00.000Z', status: 'pending' }],
  });
  expect(await current(task)).toEqual(body);
});

test('so is one that was deleted and is restored', async () => {
  const [open, done] = [await create(), await create()];
  await platform.app(completeTask).call('alice', `/tasks/${done.id}/complete`);
  for (const { id } of [open, done]) await platform.app(deleteTask).call('alice', `/tasks/${id}`);
  await goTo('Asia/Tokyo');
  const restore = async ({ id }: Task) =>
    (await platform.app(restoreTask).call<Task>('alice', `/tasks/${id}/restore`)).body;
  expect(await restore(open)).toMatchObject({ dueAt: '2026-12-01T00:00:00.000Z' });
  expect(await restore(done)).toMatchObject({ status: 'completed', dueAt: '2026-12-01T09:00:00.000Z' });
});

test('a due time can begin to float, and stop', async () => {
  await goTo('Europe/Madrid');
  const task = await create({ due: undefined, reminders: [] });
  const patch = async (due: unknown) =>
    (await platform.app(updateTask).call<Task>('alice', `/tasks/${task.id}`, { due })).body;
  const floating = await patch({ date: '2026-12-01', floating: true });
  expect(floating.due).toEqual({ date: '2026-12-01', timeZone: 'Europe/Madrid', floating: true });
  // What is sent back as it came changes nothing.
  expect((await patch(floating.due)).version).toBe(floating.version);
  expect((await patch({ date: '2026-12-01', timeZone: 'UTC' })).due).toEqual({ date: '2026-12-01', timeZone: 'UTC' });
  await goTo('Asia/Tokyo');
  expect((await current(task)).due).toEqual({ date: '2026-12-01', timeZone: 'UTC' });
});

test('who goes back to no zone of their own is in UTC', async () => {
  await goTo('Asia/Tokyo');
  const task = await create();
  await goTo(null);
  expect((await current(task)).dueAt).toBe('2026-12-01T09:00:00.000Z');
});

test('a floating series goes along: its open instance, and those that follow', async () => {
  const about = { due: { dateTime: '2026-11-26T09:00', floating: true }, recurrence: { rule: 'FREQ=DAILY' } };
  const first = await create(about);
  const series = () => platform.app(getSeries).call<SeriesView>('alice', `/series/${first.seriesId}`);
  expect((await series()).body).toMatchObject({
    start: { dateTime: '2026-11-26T09:00:00', timeZone: 'UTC', floating: true },
    next: { occurrence: '2026-11-27T09:00:00', at: '2026-11-27T09:00:00.000Z' },
  });
  await goTo('Asia/Tokyo');
  expect((await series()).body).toMatchObject({
    start: { dateTime: '2026-11-26T09:00:00', timeZone: 'Asia/Tokyo', floating: true },
    next: { occurrence: '2026-11-27T09:00:00', at: '2026-11-27T00:00:00.000Z' },
  });
  await platform.app(completeTask).call('alice', `/tasks/${first.id}/complete`);
  platform.now = new Date('2026-11-26T23:30:00.000Z');
  await platform.app(recurringCron).tick();
  const [second] = platform.published.filter(({ type }) => type === 'task.created').slice(-1);
  expect(await current({ id: second?.subject } as Task)).toMatchObject({
    occurrence: '2026-11-27T09:00:00',
    due: { dateTime: '2026-11-27T09:00:00', timeZone: 'Asia/Tokyo', floating: true },
    dueAt: '2026-11-27T00:00:00.000Z',
  });
});

test('a series can begin to float', async () => {
  await goTo('Europe/Madrid');
  const due = { dateTime: '2026-11-26T09:00', timeZone: 'UTC' };
  const task = await create({ due, recurrence: { rule: 'FREQ=DAILY' } });
  const start = { dateTime: '2026-11-26T09:00', floating: true };
  const { status, body } = await platform
    .app(updateSeries)
    .call<SeriesView>('alice', `/series/${task.seriesId}`, { start });
  expect([status, body.start]).toEqual([
    200,
    { dateTime: '2026-11-26T09:00:00', timeZone: 'Europe/Madrid', floating: true },
  ]);
  expect(await current(task)).toMatchObject({ due: body.start, dueAt: '2026-11-26T08:00:00.000Z' });
});

test('a user has at most a thousand floating tasks', async () => {
  const task = await create();
  await platform.database.query(
    `insert into tasks (id, user_id, title, priority, status, due_local, due_time_zone, due_floating, due_at, created_at, updated_at)
     select gen_random_uuid(), user_id, title, priority, status, due_local, due_time_zone, true, due_at, created_at, updated_at
     from tasks, generate_series(1, 999) where id = $1`,
    [task.id],
  );
  const due = { dateTime: '2026-12-01T09:00', floating: true };
  expect(await platform.app(createTask).call('alice', '/tasks', { title: 'One more', due })).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining('1000') },
  });
});

test('a user on the move while tasks are written leaves none behind', async () => {
  const zones = ['Asia/Tokyo', 'Europe/Madrid', 'America/New_York', 'Pacific/Auckland', 'UTC'];
  const answers = await Promise.all([
    ...Array.from({ length: 20 }, (_, n) => create({ title: `Task ${n}` }).then(() => 200)),
    ...zones.map((zone) => goTo(zone).then(({ status }) => status)),
  ]);
  // One that lost every race is told so.
  expect(answers.every((status) => [200, 409].includes(status))).toBe(true);
  const left = await platform.database.query(
    `select id from tasks t where due_floating
       and due_time_zone <> coalesce((select time_zone from preferences p where p.user_id = t.user_id), 'UTC')`,
  );
  expect(left).toEqual([]);
});
