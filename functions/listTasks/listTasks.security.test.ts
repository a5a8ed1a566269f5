import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TaskRow, taskRow, writeSeries, writeTasks } from '../../infra/testing/taskRows.ts';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Task } from '../../shared/domain/task.ts';
import { taskListSchema, taskSortSchema } from '../../shared/domain/taskList.ts';
import listTasks from './listTasks.ts';

/* Whatever is sent, the answer is a page of the caller's own tasks or a refusal. */

interface Page {
  items: Task[];
  next: string | null;
}

let platform: TestPlatform;
let app: TestApp;
let theirs: TaskRow;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(listTasks);
  theirs = taskRow({
    ...{ user_id: 'bob', title: 'secret', tags: ['home'], priority: 'high', due_at: '2026-11-01T00:00:00Z' },
    series_id: await writeSeries(platform.database, 'bob'),
  });
  const own = taskSortSchema.options.flatMap((title) => [
    taskRow({ title }),
    taskRow({ title, due_at: theirs.due_at }),
  ]);
  await writeTasks(platform.database, [theirs, ...own]);
});
afterAll(() => platform.close());

const answer = async (query: URLSearchParams) => {
  const { status, body } = await app.call<Page>('alice', `/tasks?${query}`);
  expect([200, 422], `${query}`).toContain(status);
  expect(JSON.stringify(body.items ?? [])).not.toContain('secret');
  return { status, body };
};
const cursorOf = (content: unknown) => Buffer.from(JSON.stringify(content)).toString('base64url');
const contentOf = (cursor: string | null) => JSON.parse(Buffer.from(cursor ?? '', 'base64url').toString());

test.each([
  ...['', 'status=open', 'overdue=true', 'tag=home', 'priority=high', 'search=secret', 'search=sec'],
  ...['dueAfter=2026-10-01T00:00:00Z', 'dueBefore=2026-12-01T00:00:00Z', 'seriesId'],
  ...taskSortSchema.options.map((sort) => `sort=${sort}`),
])('what is another user’s is in no list: %s', async (query) => {
  const given = new URLSearchParams(query);
  if (given.has('seriesId')) given.set('seriesId', theirs.series_id ?? '');
  expect((await answer(given)).status).toBe(200);
  const { body } = await app.call<Page>('bob', `/tasks?${given}`);
  expect(body.items.map(({ title }) => title)).toEqual(['secret']);
});

const statements = [`'; drop table tasks; --`, `' or '1'='1`, '$1', `\\'`, '\\', `':*`, `'`, `"`, `a'b''c`, '{a,NULL}'];
const searches = [
  '"a',
  '( a | b )',
  '!a',
  '-',
  'a:*',
  '<->',
  'a <-> b',
  `a' & 'b`,
  '-"',
  '"-"',
  'or',
  '- -a',
  "-l'été",
];
const oddities = ['\0', '\ud800', '\u0301', '%', '1e400', 'Infinity', 'NaN', 'null', '{}', '-1', 'http://a.b/c?d=e#f'];
const hostile = fc.oneof(
  fc.constantFrom(...statements, ...searches, ...oddities),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ unit: fc.constantFrom(...`'"\\&|!<->():*-or aé`), maxLength: 20 }),
  fc.string({ minLength: 190, maxLength: 260 }),
);
const RUNS = { numRuns: 100 };

test('whatever stands in a parameter is read or refused', async () => {
  const name = fc.constantFrom('limit', 'cursor', ...Object.keys(taskListSchema.shape));
  const entries = fc.array(fc.tuple(name, hostile), { minLength: 1, maxLength: 2 });
  const property = fc.asyncProperty(entries, async (given) => void (await answer(new URLSearchParams(given))));
  await fc.assert(property, RUNS);
});

test('whatever is searched for is a search', async () => {
  const property = fc.asyncProperty(hostile, async (search) => void (await answer(new URLSearchParams({ search }))));
  await fc.assert(property, RUNS);
});

const outOfRange = ['0000-01-01T00:00:00', '2026-02-29T00:00:00', '2026-11-25T24:00:00', '2026-11-25T23:59:60'];
const otherwiseWritten = ['2026-11-25', '2026-11-25T12:00', '2026-11-25T12:00:00Z', '2026-11-25T12:00:00+23:59', 'now'];
const tooFine = ['2026-11-25T12:00:00.1234567', `2026-11-25T12:00:00.${'1'.repeat(200)}`];
const extremes = ['0001-01-01T00:00:00', '9999-12-31T23:59:59.999999', 'infinity', '-infinity'];
const instant = fc.constantFrom(...outOfRange, ...otherwiseWritten, ...tooFine, ...extremes);

test('a cursor that was tampered with is read or refused', async () => {
  const part = fc.oneof(instant, hostile, fc.jsonValue(), fc.constantFrom(2, 1e20, 1.5, theirs.id));
  const forgery = fc.record({ sort: fc.constantFrom(...taskSortSchema.options), index: fc.nat({ max: 3 }), part });
  await fc.assert(
    fc.asyncProperty(forgery, async ({ sort, index, part }) => {
      const { body } = await answer(new URLSearchParams({ sort, limit: '1' }));
      const [fingerprint, position] = contentOf(body.next);
      const changed = index < 3 ? position.with(index, part) : part;
      await answer(new URLSearchParams({ sort, cursor: cursorOf([fingerprint, changed]) }));
    }),
    RUNS,
  );
});
