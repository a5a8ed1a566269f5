import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TaskRow, taskRow, writeSeries, writeTasks } from '../../infra/testing/taskRows.ts';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Task } from '../../shared/domain/task.ts';
import { taskSortSchema } from '../../shared/domain/taskList.ts';
import listTasks from './listTasks.ts';

/*
 * Random lists of random tasks, walked page by page, and compared with what filtering and sorting in JavaScript finds.
 * Values come from small pools, so that rows agree in some of them and differ in the last digit of others.
 */

const NOW = '2026-11-25T12:00:00.000000Z';
const RUNS = { numRuns: 60 };

const instant = fc.constantFrom(
  ...['2026-11-24T23:00:00.000000Z', '2026-11-25T11:59:59.999999Z', NOW, '2026-11-25T12:00:00.000001Z'],
  ...['2026-11-25T12:00:00.000999Z', '2026-11-25T12:00:00.001000Z', '2027-01-01T00:00:00.000000Z'],
);
const word = fc.constantFrom('rent', 'Rental', 'PAY', 'été', 'Été', '\u{1F600}x', '\uFF21x', 'zoo');
const words = (limits: fc.ArrayConstraints) => fc.array(word, limits).map((all) => all.join(' '));
const tag = fc.constantFrom('home', 'work', `it's`);
const priority = fc.constantFrom('low', 'medium', 'high');
const status = fc.constantFrom('open', 'completed');
const task = fc.record({
  title: words({ minLength: 1, maxLength: 2 }),
  description: fc.option(words({ maxLength: 2 })),
  priority,
  status,
  tags: fc.uniqueArray(tag),
  due_at: fc.option(instant, { freq: 2 }),
  created_at: instant,
  updated_at: instant,
  inSeries: fc.boolean(),
});
const milliseconds = instant.map((time) => time.replace(/\d{3}Z$/, 'Z'));
const anyList = fc.record(
  {
    sort: fc.constantFrom(...taskSortSchema.options),
    order: fc.constantFrom('asc', 'desc'),
    status,
    dueAfter: milliseconds,
    dueBefore: milliseconds,
    overdue: fc.constant('true'),
    tag: fc.uniqueArray(tag, { minLength: 1, maxLength: 2 }),
    priority,
    seriesId: fc.constant('series'),
    search: fc.constantFrom('rent', 'ren', 'rent pay', 'été', 'PAY re', 'zo'),
  },
  { requiredKeys: [] },
);
const list = fc.oneof(
  anyList,
  // Few filters, or little would be left to walk through.
  anyList.map(({ sort = 'created', order = 'asc', status }) => ({ sort, order, ...(status && { status }) })),
);
type List = typeof anyList extends fc.Arbitrary<infer T> ? T : never;

interface Page {
  items: Task[];
  next: string | null;
}

let platform: TestPlatform;
let app: TestApp;
let seriesId: string;
beforeAll(async () => {
  platform = await testPlatform();
  platform.now = new Date(NOW);
  app = platform.app(listTasks);
});
afterAll(() => platform.close());

const scene = fc.record({
  // Mostly many: small ones, which would be preferred, leave little to walk through.
  tasks: fc.oneof(
    { weight: 7, arbitrary: fc.array(task, { minLength: 10, maxLength: 25 }) },
    { weight: 1, arbitrary: fc.array(task, { maxLength: 2 }) },
  ),
  others: fc.array(task, { maxLength: 3 }),
  list,
  limits: fc.infiniteStream(fc.integer({ min: 1, max: 6 })),
});

test('the pages of any list hold every task that fits once, in order, and nobody else’s', async () => {
  let walked = 0;
  await fc.assert(
    fc.asyncProperty(scene, async ({ tasks, others, list, limits }) => {
      const rows = await setUp(tasks, others);
      const expected = idsOf(rows, list);
      expect(await walk(list, limits)).toEqual(expected);
      walked += expected.length;
    }),
    RUNS,
  );
  expect(walked).toBeGreaterThan(RUNS.numRuns);
});

test('what is written, changed and removed between two pages never repeats or hides a task that stays as it is', async () => {
  const change = fc.record({ index: fc.nat(), kind: fc.constantFrom('insert', 'change', 'remove'), task });
  const changes = fc.infiniteStream(fc.array(change, { maxLength: 4 }));
  await fc.assert(
    fc.asyncProperty(scene, changes, async ({ tasks, others, list, limits }, changes) => {
      const rows = await setUp(tasks, others);
      const restless = rows.filter((_row, index) => index % 2 === 1);
      const steady = rows.filter((_row, index) => index % 2 === 0);
      const betweenPages = async () => {
        for (const { index, kind, task } of changes.next().value) {
          const target = kind === 'insert' ? undefined : restless[index % restless.length];
          if (kind === 'remove') await platform.database.query('delete from tasks where id = $1', [target?.id]);
          else await writeTasks(platform.database, [rowOf(task, 'alice', target)]);
        }
      };
      const steadyIds = new Set(steady.map(({ id }) => id));
      const seen = (await walk(list, limits, betweenPages)).filter((id) => steadyIds.has(id));
      expect(seen).toEqual(idsOf(steady, list));
    }),
    RUNS,
  );
});

type RandomTask = typeof task extends fc.Arbitrary<infer T> ? T : never;

async function setUp(tasks: readonly RandomTask[], others: readonly RandomTask[]): Promise<TaskRow[]> {
  await platform.database.reset();
  seriesId = await writeSeries(platform.database, 'alice');
  const rows = tasks.map((task) => rowOf(task, 'alice'));
  await writeTasks(platform.database, [...rows, ...others.map((task) => rowOf(task, 'bob'))]);
  return rows;
}

function rowOf({ inSeries, ...fields }: RandomTask, user_id: string, existing?: TaskRow): TaskRow {
  const row = taskRow({ ...fields, user_id, series_id: inSeries ? seriesId : null } as Partial<TaskRow>);
  return existing ? { ...row, id: existing.id, created_at: existing.created_at } : row;
}

async function walk(list: List, limits: Iterator<number>, betweenPages = async () => {}): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const limit: number = limits.next().value;
    const page: Page = await pageOf(list, limit, cursor);
    if (page.next) expect(page.items).toHaveLength(limit);
    seen.push(...page.items.map(({ id }) => id));
    expect(seen.length, 'a walk that does not end').toBeLessThan(1000);
    cursor = page.next;
    await betweenPages();
  } while (cursor);
  return seen;
}

async function pageOf({ tag = [], seriesId: inSeries, ...list }: List, limit: number, cursor: string | null) {
  const query = new URLSearchParams({ ...list, limit: String(limit) });
  for (const each of tag) query.append('tag', each);
  if (inSeries) query.set('seriesId', seriesId);
  if (cursor) query.set('cursor', cursor);
  const { status, body } = await app.call<Page>('alice', `/tasks?${query}`);
  expect(status).toBe(200);
  return body;
}

/** The ids of the rows that a list holds, in its order, found without a database. */
function idsOf(rows: readonly TaskRow[], list: List): string[] {
  const { sort = 'created' } = list;
  const order = list.order ?? (sort === 'due' || sort === 'title' ? 'asc' : 'desc');
  const key = (row: TaskRow): string => {
    if (sort === 'created') return '';
    if (sort === 'updated') return row.updated_at;
    if (sort === 'due') return row.due_at ?? (order === 'asc' ? '9' : '0');
    if (sort === 'priority') return String(['low', 'medium', 'high'].indexOf(row.priority));
    return row.title.toLowerCase();
  };
  return rows
    .filter((row) => fits(row, list))
    .map((row) => ({ id: row.id, keys: [key(row), row.created_at, row.id].map((each) => Buffer.from(each)) }))
    .sort((a, b) => {
      const difference = a.keys.map((each, index) => Buffer.compare(each, b.keys[index] ?? each)).find(Boolean) ?? 0;
      return order === 'asc' ? difference : -difference;
    })
    .map(({ id }) => id);
}

function fits(row: TaskRow, list: List): boolean {
  const due = row.due_at;
  const text = `${row.title} ${row.description ?? ''}`.toLowerCase().split(/[^\p{L}]+/u);
  const sought = list.search?.toLowerCase().split(' ') ?? [];
  return (
    (!list.status || row.status === list.status) &&
    (!list.priority || row.priority === list.priority) &&
    (!list.seriesId || row.series_id !== null) &&
    (!list.dueAfter || (due !== null && due >= micros(list.dueAfter))) &&
    (!list.dueBefore || (due !== null && due < micros(list.dueBefore))) &&
    (!list.overdue || (row.status === 'open' && due !== null && due <= NOW)) &&
    (list.tag ?? []).every((each) => row.tags.includes(each)) &&
    sought.every((each, index) =>
      text.some((found) => (index < sought.length - 1 ? found === each : found.startsWith(each))),
    )
  );
}

function micros(time: string): string {
  return time.replace('Z', '000Z');
}
