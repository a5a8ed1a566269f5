import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Task } from '../../shared/domain/task.ts';
import { connect, runAs } from '../../shared/store/database.ts';
import { triggerDueReminders } from '../../shared/store/reminders.ts';
import completeTask from '../completeTask/completeTask.ts';
import createTask from '../createTask/createTask.ts';
import outboxCron from '../outboxCron/outboxCron.ts';
import reminderCron from './reminderCron.ts';

const HOUR = 60 * 60 * 1000;
const due = new Date('2026-12-01T09:00:00Z');

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(reminderCron);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, { published: [], brokerAway: false, now: new Date('2026-11-25T09:00:00Z') });
});

/** Writes a task with a reminder at `due`. */
async function remind(title = 'Call Ann'): Promise<Task> {
  const reminders = [{ at: due.toISOString() }];
  return (await platform.app(createTask).call<Task>('alice', '/tasks', { title, reminders })).body;
}
async function tickAt(offsetMs: number): Promise<void> {
  platform.now = new Date(due.getTime() + offsetMs);
  expect((await app.tick()).status).toBe(200);
}
const reminders = () => platform.published.filter(({ type }) => type === 'reminder.due');
const statuses = async () => {
  const rows = await platform.database.query('select status from reminders order by remind_at');
  return rows.map(({ status }) => status);
};

test('a reminder becomes an event at its time, and not a millisecond before', async () => {
  const task = await remind();
  await tickAt(-1);
  expect(reminders()).toEqual([]);
  await tickAt(0);
  expect(reminders()).toMatchObject([
    {
      subject: task.id,
      data: { user_id: 'alice', data: { title: 'Call Ann', remind_at: due.toISOString(), due_at: null, version: 2 } },
    },
  ]);
});

test('it becomes one event, however many crons tick, and however often', async () => {
  for (let task = 0; task < 20; task += 1) await remind(`task ${task}`);
  platform.now = due;
  await Promise.all(Array.from({ length: 8 }, () => app.tick()));
  await app.tick();
  expect(reminders()).toHaveLength(20);
  expect(new Set(reminders().map(({ subject }) => subject)).size).toBe(20);
});

test('more than one batch is worked off in one tick', async () => {
  const task = await remind();
  await platform.database.query(
    `with copies as (
       insert into tasks (id, user_id, title, priority, status, created_at, updated_at)
       select gen_random_uuid(), user_id, title, priority, status, created_at, updated_at
       from tasks, generate_series(1, 1199) where id = $1
       returning id
     )
     insert into reminders (id, task_id, user_id, spec, remind_at, status)
     select gen_random_uuid(), c.id, user_id, spec, remind_at, status from reminders, copies c where task_id = $1`,
    [task.id],
  );
  await tickAt(0);
  expect(await platform.database.query('select status, count(*)::int from reminders group by status')).toEqual([
    { status: 'triggered', count: 1200 },
  ]);
  expect(reminders()).toHaveLength(1200);
});

test('one that an outage held up is sent within a day, and recorded as expired after it', async () => {
  await remind();
  await tickAt(24 * HOUR);
  expect([await statuses(), reminders().length]).toEqual([['triggered'], 1]);
  await platform.database.query(`update reminders set status = 'pending'`);
  await tickAt(24 * HOUR + 1);
  expect([await statuses(), reminders().length]).toEqual([['expired'], 1]);
});

test('a completed task is not reminded of', async () => {
  const task = await remind();
  await platform.app(completeTask).call('alice', `/tasks/${task.id}/complete`);
  await tickAt(0);
  expect([await statuses(), reminders().length]).toEqual([['cancelled'], 0]);
});

test('with the broker away the event waits in the outbox', async () => {
  await remind();
  platform.brokerAway = true;
  await tickAt(0);
  expect(await statuses()).toEqual(['triggered']);
  expect(await platform.database.query('select event_type from outbox where published_at is null')).toEqual([
    { event_type: 'reminder.due' },
  ]);
});

// Found by the fault run with seed 3: a stopped Postgres held the first cron up until the second one had begun. In
// memory there is one connection, and so nothing at once.
test.skipIf(!process.env.TEST_DATABASE_URL)('two crons at once keep the order of a task’s events', async () => {
  const task = await remind();
  await platform.database.query(
    `insert into reminders (id, task_id, user_id, spec, remind_at, status)
     select gen_random_uuid(), task_id, user_id, spec, remind_at + interval '1 second', status from reminders`,
  );
  const sql = connect(platform.database);
  const claim = triggerDueReminders(sql, { now: due, graceMs: HOUR, limit: 1, origin: { source: '/first' } });
  const first = runAs(sql, 'system')(...claim, sql`select pg_sleep(1)`);
  await vi.waitFor(async () => {
    const sleeping = await platform.database.query(`select 1 from pg_stat_activity where wait_event = 'PgSleep'`);
    expect(sleeping).toHaveLength(1);
  });
  await tickAt(1_000);
  expect(reminders()).toEqual([]);
  await first;
  await tickAt(10_000);
  await platform.app(outboxCron).tick();
  expect(reminders().map(({ source, subject }) => [source, subject])).toEqual([
    ['/first', task.id],
    ['/evolution-todo/reminderCron', task.id],
  ]);
});

test('only the sidecar may let it tick', async () => {
  expect((await app.request('/bindings/reminder-scheduler', { method: 'POST' })).status).toBe(401);
});
