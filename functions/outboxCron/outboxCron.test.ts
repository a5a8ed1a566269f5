import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { taskSnapshot } from '../../infra/testing/taskSnapshot.ts';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Task } from '../../shared/domain/task.ts';
import { connect, runAs } from '../../shared/store/database.ts';
import { insertEvents } from '../../shared/store/outbox.ts';
import completeTask from '../completeTask/completeTask.ts';
import createTask from '../createTask/createTask.ts';
import onTaskCompleted from '../onTaskCompleted/onTaskCompleted.ts';
import onTaskCreated from '../onTaskCreated/onTaskCreated.ts';
import outboxCron from './outboxCron.ts';

const start = new Date('2026-11-25T09:00:00Z');
const after = (ms: number) => new Date(start.getTime() + ms);

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(outboxCron);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, { published: [], logged: [], brokerAway: true, now: start });
});

/** Writes and completes a task while the broker is away. */
async function writeTask(title: string): Promise<Task> {
  const { body } = await platform.app(createTask).call<Task>('alice', '/tasks', { title });
  await platform.app(completeTask).call('alice', `/tasks/${body.id}/complete`);
  return body;
}
async function tickAt(now: Date): Promise<void> {
  Object.assign(platform, { now });
  expect((await app.tick()).status).toBe(200);
}
const unpublished = async () => {
  const [row] = await platform.database.query('select count(*)::int from outbox where published_at is null');
  return row?.count;
};
const typesOf = ({ id }: Task) => platform.published.filter(({ subject }) => subject === id).map(({ type }) => type);

test('what could not be published is, once the broker is back, in order per task', async () => {
  const tasks = [];
  for (let task = 0; task < 30; task += 1) tasks.push(await writeTask(`task ${task}`));
  platform.brokerAway = false;
  await tickAt(after(60_000));
  for (const task of tasks) expect(typesOf(task)).toEqual(['task.created', 'task.completed']);
  expect(await unpublished()).toBe(0);
});

test('an event keeps the source and the id that it was written with', async () => {
  await writeTask('Buy milk');
  platform.brokerAway = false;
  await tickAt(after(60_000));
  const rows = await platform.database.query('select event_id from outbox order by seq');
  expect(platform.published.map(({ id }) => id)).toEqual(rows.map(({ event_id }) => event_id));
  expect(platform.published.map(({ source }) => source)).toEqual([
    '/evolution-todo/createTask',
    '/evolution-todo/completeTask',
  ]);
});

test('a fresh event is left to its writer for five seconds', async () => {
  const event = {
    type: 'task.deleted',
    userId: 'alice',
    taskId: randomUUID(),
    data: taskSnapshot(),
  } as const;
  const sql = connect(platform.database);
  await runAs(sql, 'system')(insertEvents(sql, [event], { origin: { source: '/test' }, now: start }));
  platform.brokerAway = false;
  await tickAt(after(4_999));
  expect(platform.published).toEqual([]);
  await tickAt(after(5_000));
  expect(platform.published).toHaveLength(1);
});

test('what a broker lost is published again, in order per task, and what had taken effect is not', async () => {
  platform.brokerAway = false;
  const [lost, taken] = [await writeTask('lost'), await writeTask('taken')];
  const events = platform.published.splice(0);
  for (const event of events.filter(({ subject }) => subject === taken.id)) {
    const definition = event.type === 'task.created' ? onTaskCreated : onTaskCompleted;
    expect((await platform.app(definition).deliver(event.data)).status).toBe(200);
  }
  await tickAt(after(60_000));
  expect(platform.published).toEqual([]);

  const [row] = await platform.database.query<{ count: string }>('select publish_lost_events_anew() as count');
  expect(Number(row?.count)).toBe(2);
  await tickAt(new Date(Date.now() + 60_000));
  const lostEvents = events.filter(({ subject }) => subject === lost.id);
  expect(platform.published.map(({ id }) => id)).toEqual(lostEvents.map(({ id }) => id));
});

test('with the broker still away nothing is lost, and the next try comes soon', async () => {
  await writeTask('Buy milk');
  await tickAt(after(60_000));
  expect(await unpublished()).toBe(2);
  platform.brokerAway = false;
  await tickAt(after(61_999));
  expect(platform.published).toEqual([]);
  await tickAt(after(62_000));
  expect(platform.published).toHaveLength(2);
});

test('several relays at once publish everything, in order per task', async () => {
  const tasks = [];
  for (let task = 0; task < 30; task += 1) tasks.push(await writeTask(`task ${task}`));
  Object.assign(platform, { brokerAway: false, now: after(60_000) });
  await Promise.all(Array.from({ length: 5 }, () => app.tick()));
  for (const task of tasks) expect(typesOf(task)).toEqual(['task.created', 'task.completed']);
  expect(await unpublished()).toBe(0);
});

test('published events go after a week, handled ones after a month; what is unpublished stays', async () => {
  await writeTask('Buy milk');
  platform.brokerAway = false;
  await tickAt(after(60_000));
  platform.brokerAway = true;
  await writeTask('Unpublished');
  await platform.database.query(
    `insert into inbox (function, event_id, processed_at) values ('f', gen_random_uuid(), $1)`,
    [start.toISOString()],
  );
  const rowsOf = async (table: string) => (await platform.database.query(`select 1 from ${table}`)).length;

  const day = 24 * 60 * 60 * 1000;
  await tickAt(after(7 * day));
  expect([await rowsOf('outbox'), await rowsOf('inbox')]).toEqual([4, 1]);
  await tickAt(after(7 * day + 60_001));
  expect([await rowsOf('outbox'), await rowsOf('inbox')]).toEqual([2, 1]);
  await tickAt(after(30 * day + 1));
  expect([await rowsOf('outbox'), await rowsOf('inbox')]).toEqual([2, 0]);
});
