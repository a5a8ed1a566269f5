import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Changes, emptyReplica, untilShown } from '../../infra/testing/replica.ts';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Change } from '../../shared/domain/changeFeed.ts';
import type { Task } from '../../shared/domain/task.ts';
import { selectChanges } from '../../shared/store/changes.ts';
import { connect, runAs } from '../../shared/store/database.ts';
import completeTask from '../completeTask/completeTask.ts';
import createTask from '../createTask/createTask.ts';
import deleteTask from '../deleteTask/deleteTask.ts';
import outboxCron from '../outboxCron/outboxCron.ts';
import restoreTask from '../restoreTask/restoreTask.ts';
import listChanges from './listChanges.ts';

const start = new Date('2026-11-25T09:00:00Z');
const DAY_MS = 24 * 60 * 60 * 1000;

let platform: TestPlatform;
let feed: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  feed = platform.app(listChanges);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  await platform.database.query('select begin_feeds_anew()');
  platform.now = start;
});

async function create(title: string, userId = 'alice'): Promise<Task> {
  return (await platform.app(createTask).call<Task>(userId, '/tasks', { title })).body;
}
const remove = ({ id }: Task) => platform.app(deleteTask).call<Task>('alice', `/tasks/${id}`);
const restore = ({ id }: Task) => platform.app(restoreTask).call<Task>('alice', `/tasks/${id}/restore`);
const complete = ({ id }: Task) => platform.app(completeTask).call<Task>('alice', `/tasks/${id}/complete`);
const tombstone = ({ id, deletedAt, version }: Task): Change => {
  if (deletedAt === null) throw new Error(`task ${id} is not deleted`);
  return { type: 'task.deleted', id, deletedAt, version };
};
async function read(since?: string, limit = 100): Promise<Changes> {
  await untilShown(platform.database);
  const rest = since === undefined ? '' : `&since=${since}`;
  const { status, body } = await feed.call<Changes>('alice', `/changes?limit=${limit}${rest}`);
  expect(status).toBe(200);
  return body;
}
const statusOf = async (since: string, userId = 'alice') => (await feed.call(userId, `/changes?since=${since}`)).status;
/** Purges what was deleted, as if a month had passed. */
async function purge(): Promise<void> {
  platform.now = new Date(start.getTime() + 30 * DAY_MS + 60_000);
  expect((await platform.app(outboxCron).tick()).status).toBe(200);
  platform.now = start;
}

test('a client that starts empty is told of every task, in the order of the changes', async () => {
  const [milk, rent] = [await create('Buy milk'), await create('Pay rent')];
  const done = (await complete(milk)).body;
  const { changes, more } = await read();
  expect(changes).toEqual([
    { type: 'task', task: rent },
    { type: 'task', task: done },
  ]);
  expect(more).toBe(false);
});

test('from then on it is told only of what changed, each task once, as it is now', async () => {
  const [milk, rent] = [await create('Buy milk'), await create('Pay rent')];
  const { next } = await read();
  await remove(milk);
  await restore(milk);
  const done = (await complete(milk)).body;
  const gone = (await remove(rent)).body;
  const { changes } = await read(next);
  expect(changes).toEqual([{ type: 'task', task: done }, tombstone(gone)]);
});

test('a deleted task that is restored comes back', async () => {
  const task = await create('Buy milk');
  const replica = emptyReplica(feed, 'alice', 10);
  const poll = () => untilShown(platform.database).then(replica.poll);
  await poll();
  await remove(task);
  await poll();
  expect(replica.tasks.size).toBe(0);
  const { body } = await restore(task);
  await poll();
  expect([...replica.tasks.values()]).toEqual([body]);
});

test('where nothing changed there is a cursor all the same', async () => {
  const empty = await read();
  expect(empty).toMatchObject({ changes: [], more: false });
  const task = await create('Buy milk');
  const first = await read(empty.next);
  expect(first.changes).toEqual([{ type: 'task', task }]);
  expect((await read(first.next)).changes).toEqual([]);
});

test('a cursor can be used again, and gives what came since', async () => {
  const { next } = await read();
  await create('Buy milk');
  expect((await read(next)).changes).toHaveLength(1);
  await create('Pay rent');
  expect((await read(next)).changes).toHaveLength(2);
});

test('pages follow one another without a gap, and say whether there is more', async () => {
  const titles = ['one', 'two', 'three', 'four', 'five'];
  for (const title of titles) await create(title);
  await untilShown(platform.database);
  const replica = emptyReplica(feed, 'alice', 2);
  const pages = await replica.poll();
  expect(pages.map(({ changes, more }) => [changes.length, more])).toEqual([
    [2, true],
    [2, true],
    [1, false],
  ]);
  expect([...replica.tasks.values()].map(({ title }) => title)).toEqual(titles);
});

test('tasks that one transaction changed are told apart by id, over pages too', async () => {
  for (const title of ['one', 'two', 'three']) await create(title);
  await platform.database.query('update tasks set version = version + 1');
  await untilShown(platform.database);
  const replica = emptyReplica(feed, 'alice', 1);
  expect(await replica.poll()).toHaveLength(3);
  expect(replica.tasks.size).toBe(3);
});

test('a client that starts empty is not told of what was deleted before, but of what is deleted while it reads', async () => {
  const [milk, , rent] = [await create('Buy milk'), await create('Call'), await create('Pay rent')];
  await remove(milk);
  // A purge notes how far transactions are on disk.
  await platform.app(outboxCron).tick();
  const first = await read(undefined, 1);
  const gone = (await remove(rent)).body;
  expect(first).toMatchObject({ changes: [{ task: { title: 'Call' } }], more: true });
  expect((await read(first.next)).changes).toEqual([tombstone(gone)]);
});

test('a cursor from before a deletion that was purged is gone, and the answer says what to do', async () => {
  const task = await create('Buy milk');
  const { next } = await read();
  await remove(task);
  await purge();
  const { status, body } = await feed.call('alice', `/changes?since=${next}`);
  expect(status).toBe(410);
  expect(body).toMatchObject({
    type: 'urn:evolution-todo:problem:gone',
    detail: expect.stringContaining('without "since"'),
  });
  expect((await read()).changes).toEqual([]);
});

test('a cursor from behind the deletion outlives the purge', async () => {
  const task = await create('Buy milk');
  const { next } = await read();
  await remove(task);
  const { next: behind } = await read(next);
  await create('Pay rent');
  const { next: later } = await read(behind);
  await purge();
  expect((await read(later)).changes).toEqual([]);
});

test('an idle client that polls is never behind the horizon, whatever others delete', async () => {
  await create('Buy milk');
  let { next } = await read();
  for (let month = 0; month < 3; month += 1) {
    const other = await create('Not hers', 'bob');
    await platform.app(deleteTask).call('bob', `/tasks/${other.id}`);
    await platform.app(outboxCron).tick();
    ({ next } = await read(next));
    await purge();
  }
  expect((await read(next)).changes).toEqual([]);
});

test('a first pass over old tasks goes on while deletions from before it are purged', async () => {
  const [, , old] = [await create('one'), await create('two'), await create('three')];
  await remove(old);
  await platform.app(outboxCron).tick();
  const first = await read(undefined, 1);
  await purge();
  expect(await read(first.next)).toMatchObject({ changes: [{ task: { title: 'two' } }], more: false });
});

test('a first pass that a purge has overtaken is gone', async () => {
  const [, , third] = [await create('one'), await create('two'), await create('three')];
  const first = await read(undefined, 1);
  await remove(third);
  await purge();
  expect(await statusOf(first.next)).toBe(410);
});

test('a purge that removes nothing makes no cursor gone', async () => {
  const task = await create('Buy milk');
  const { next } = await read();
  await purge();
  await remove(task);
  await platform.app(outboxCron).tick();
  expect((await read(next)).changes).toHaveLength(1);
});

test('after a restored dump everything is told anew, and older cursors are gone', async () => {
  await create('Buy milk');
  const { next } = await read();
  // As from a server that had given out far more transaction ids.
  await platform.database.query('alter table tasks disable trigger tasks_note_change');
  await platform.database.query(`update tasks set changed_in = '999999999'`);
  await platform.database.query('alter table tasks enable trigger tasks_note_change');
  expect((await read()).changes).toEqual([]);
  await platform.database.query('select begin_feeds_anew()');
  expect(await statusOf(next)).toBe(410);
  expect((await read()).changes).toHaveLength(1);
});

test('a cursor of another user, or from a future that the database has not had, is gone', async () => {
  await create('Buy milk');
  const { next } = await read();
  expect(await statusOf(next, 'bob')).toBe(410);
  const [name, , id, informedTo] = JSON.parse(Buffer.from(next, 'base64url').toString());
  for (const values of [
    [name, '18446744073709551615', id, informedTo],
    [name, '0', id, '18446744073709551615'],
    [name, '0', id, '0'],
  ]) {
    expect(await statusOf(Buffer.from(JSON.stringify(values)).toString('base64url'))).toBe(410);
  }
});

test.each(['?limit=0', '?limit=101', '?limit=many', '?since=', '?since=x', '?since=e30', '?cursor=x'])(
  'the query %s is refused',
  async (query) => {
    expect((await feed.call('alice', `/changes${query}`)).status).toBe(422);
  },
);

test('another user’s changes never appear', async () => {
  await create('Not hers', 'bob');
  await create('Buy milk');
  const { changes } = await read();
  expect(changes).toMatchObject([{ task: { title: 'Buy milk' } }]);
});

test('nor do they where the statement asks for them: row-level security alone hides them', async () => {
  await create('Not hers', 'bob');
  await untilShown(platform.database);
  const sql = connect(platform.database);
  const [rows = []] = await runAs(sql, { userId: 'alice' })(selectChanges(sql, 'bob', 10, null));
  expect(rows.map(({ id }) => id)).toEqual([null]);
  const [his = []] = await runAs(sql, { userId: 'bob' })(selectChanges(sql, 'bob', 10, null));
  expect(his).toMatchObject([{ title: 'Not hers' }]);
});

test('a token is needed', async () => {
  expect((await feed.request('/changes', {})).status).toBe(401);
});
