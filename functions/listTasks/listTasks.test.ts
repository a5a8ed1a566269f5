import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TaskRow, taskRow, writeSeries, writeTasks } from '../../infra/testing/taskRows.ts';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import { type Task, taskSchema } from '../../shared/domain/task.ts';
import type { Problem } from '../../shared/runtime/problem.ts';
import createTask from '../createTask/createTask.ts';
import listTasks from './listTasks.ts';

interface Page {
  items: Task[];
  next: string | null;
}

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(listTasks);
});
afterAll(() => platform.close());
beforeEach(async () => {
  platform.now = new Date('2026-11-25T12:00:00Z');
  await platform.database.reset();
});

const write = (...rows: Partial<TaskRow>[]) => writeTasks(platform.database, rows.map(taskRow));
const list = async (query: string, user = 'alice') => {
  const { status, body } = await app.call<Page>(user, `/tasks?${query}`);
  expect(status, query).toBe(200);
  return body;
};
const titles = async (query: string) => (await list(query)).items.map(({ title }) => title);
const refusal = async (query: string) => {
  const { status, body } = await app.call<Problem>('alice', `/tasks?${query}`);
  expect(status, query).toBe(422);
  return body.errors ?? [];
};

test('a list holds tasks as they were created, with their reminders', async () => {
  const created = await platform.app(createTask).call<Task>('alice', '/tasks', {
    ...{ title: 'Pay rent', tags: ['home'], due: { dateTime: '2026-12-01T09:00', timeZone: 'Europe/Madrid' } },
    reminders: [{ before: 'P1D' }],
  });
  expect(await list('')).toEqual({ items: [taskSchema.parse(created.body)], next: null });
});

describe('filters', () => {
  beforeEach(() =>
    write(
      { title: 'overdue', due_at: '2026-11-25T12:00:00Z', priority: 'high', tags: ['home', 'money'] },
      { title: 'soon', due_at: '2026-11-25T12:00:00.001Z', tags: ['home'] },
      { title: 'done', due_at: '2026-11-24T12:00:00Z', status: 'completed', tags: ['money'] },
      { title: 'some day', priority: 'low', tags: [`it's "home", {x}`] },
    ),
  );

  test.each([
    ['', ['done', 'overdue', 'some day', 'soon']],
    ['status=open', ['overdue', 'some day', 'soon']],
    ['status=completed', ['done']],
    ['overdue=true', ['overdue']],
    ['overdue=true&status=completed', []],
    ['dueAfter=2026-11-25T12:00:00Z', ['overdue', 'soon']],
    ['dueBefore=2026-11-25T12:00:00Z', ['done']],
    ['dueAfter=2026-11-25T14:00:00%2B02:00&dueBefore=2026-11-25T12:00:00.001Z', ['overdue']],
    ['dueAfter=2026-11-26T00:00:00Z&dueBefore=2026-11-25T00:00:00Z', []],
    ['priority=high', ['overdue']],
    ['tag=home', ['overdue', 'soon']],
    ['tag=home&tag=money', ['overdue']],
    ['tag=money&tag=home&tag=home', ['overdue']],
    [`tag=${encodeURIComponent(`it's "home", {x}`)}`, ['some day']],
    ['tag=hom', []],
    ['tag=home&status=open&priority=medium&search=so', ['soon']],
  ])('%s', async (query, expected) => {
    expect(await titles(`sort=title&${query}`)).toEqual(expected);
  });

  test('by series', async () => {
    const seriesId = await writeSeries(platform.database, 'alice');
    await write({ title: 'monthly', series_id: seriesId });
    expect(await titles(`seriesId=${seriesId}`)).toEqual(['monthly']);
  });
});

describe('a search finds words of title and description', () => {
  beforeEach(() =>
    write(
      { title: 'Pay the Rent', description: 'to Señora Ruiz, account ES-12' },
      { title: 'Rental car', description: null },
      { title: 'Paint it', description: 'the parent’s fence' },
    ),
  );

  test.each([
    ['rent', ['Pay the Rent', 'Rental car']],
    ['PAY RENT', ['Pay the Rent']],
    ['rent pay', ['Pay the Rent']],
    ['re pay', []],
    ['señora', ['Pay the Rent']],
    ['SEÑ', ['Pay the Rent']],
    ['"rent"', ['Pay the Rent']],
    ['"the rent"', ['Pay the Rent']],
    ['"rent the"', []],
    ['rent -car', ['Pay the Rent']],
    ['rental -ca', ['Rental car']],
    ['car or fence', ['Paint it', 'Rental car']],
    ['!!!', []],
    ['-rent', ['Paint it', 'Rental car']],
  ])('%s', async (search, expected) => {
    expect(await titles(`sort=title&${new URLSearchParams({ search })}`)).toEqual(expected);
  });
});

describe('the order', () => {
  beforeEach(() =>
    write(
      { title: 'b', created_at: '2026-11-01T00:00:00Z', updated_at: '2026-11-09T00:00:00Z', priority: 'high' },
      { title: 'A', created_at: '2026-11-02T00:00:00Z', due_at: '2026-12-02T00:00:00Z', priority: 'low' },
      { title: 'é', created_at: '2026-11-03T00:00:00Z', due_at: '2026-12-01T00:00:00Z' },
      { title: 'É', created_at: '2026-11-04T00:00:00Z', due_at: '2026-12-01T00:00:00Z', priority: 'high' },
    ),
  );

  test.each([
    ['', 'É é A b'],
    ['sort=created&order=asc', 'b A é É'],
    ['sort=due', 'é É A b'],
    ['sort=due&order=desc', 'A É é b'],
    ['sort=updated', 'b É é A'],
    ['sort=updated&order=asc', 'A é É b'],
    ['sort=priority', 'É b é A'],
    ['sort=priority&order=asc', 'A é b É'],
    ['sort=title', 'A b é É'],
    ['sort=title&order=desc', 'É é b A'],
  ])('%s', async (query, expected) => {
    expect(await titles(query)).toEqual(expected.split(' '));
    const first = await list(`${query}&limit=3`);
    expect(await titles(`${query}&limit=1&cursor=${first.next}`)).toEqual([expected.at(-1)]);
  });
});

describe('a cursor', () => {
  test('goes on exactly where it was made, to the microsecond', async () => {
    for (const last of [1, 2, 3]) await write({ title: `${last}`, created_at: `2026-11-25T09:00:00.12300${last}Z` });
    const first = await list('limit=1');
    expect(await titles(`limit=1&cursor=${first.next}`)).toEqual(['2']);
  });

  test('may be used with another limit, and holds the longest title', async () => {
    await write({ title: '\u0001'.repeat(200) }, { title: '\u0001'.repeat(200) }, { title: '\u0001'.repeat(200) });
    const first = await list('sort=title&limit=1');
    expect((await list(`sort=title&cursor=${first.next}`)).items).toHaveLength(2);
  });

  test.each(['status=open', 'sort=due', 'order=asc', 'tag=home', 'search=rent', 'overdue=true', 'priority=medium'])(
    'is refused by a list with another filter or order: %s',
    async (query) => {
      await write({}, {});
      const { next } = await list('limit=1');
      expect(await refusal(`${query}&cursor=${next}`)).toMatchObject([{ pointer: '#/cursor' }]);
    },
  );

  test('knows tags in any order as the same filter', async () => {
    await write({ tags: ['a', 'b'] }, { tags: ['a', 'b'] });
    const { next } = await list('limit=1&tag=a&tag=b');
    expect((await list(`tag=b&tag=a&cursor=${next}`)).items).toHaveLength(1);
  });
});

test.each([
  ['#/limit', 'limit=0'],
  ['#/limit', 'limit=101'],
  ['#/limit', 'limit=many'],
  ['#/limit', 'limit=1&limit=2'],
  ['#/status', 'status=deleted'],
  ['#/status', 'status=open&status=completed'],
  ['#/dueAfter', 'dueAfter=yesterday'],
  ['#/dueAfter', 'dueAfter=2026-11-25'],
  ['#/dueBefore', 'dueBefore=2026-02-30T00:00:00Z'],
  ['#/overdue', 'overdue=false'],
  ['#/priority', 'priority=urgent'],
  ['#/seriesId', 'seriesId=1'],
  ['#/tag/0', 'tag='],
  ['#/tag/0', 'tag=%00'],
  ['#/tag/0', `tag=${'x'.repeat(51)}`],
  ['#/tag', Array.from({ length: 21 }, (_, index) => `tag=${index}`).join('&')],
  ['#/search', 'search='],
  ['#/search', 'search=%00'],
  ['#/search', `search=${'x'.repeat(201)}`],
  ['#/sort', 'sort=id'],
  ['#/order', 'order=random'],
  ['#/colour', 'colour=red'],
  ['#/cursor', 'cursor='],
  ['#/cursor', 'cursor=x'],
  ['#/cursor', 'cursor=e30'],
  ['#/cursor', `cursor=${'A'.repeat(2049)}`],
  ['#/cursor', 'cursor=a&cursor=b'],
])('a query that breaks a rule is refused, with a pointer to %s', async (pointer, query) => {
  expect(await refusal(query)).toMatchObject([{ pointer }]);
});

test('a token is needed', async () => {
  expect((await app.request('/tasks', {})).status).toBe(401);
});
