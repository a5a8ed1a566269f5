import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type RecurringTasks, recurringTasksOf } from '../../infra/testing/recurringTasks.ts';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { SeriesView } from '../../shared/domain/series.ts';
import endSeries from '../endSeries/endSeries.ts';
import pauseSeries from '../pauseSeries/pauseSeries.ts';
import listSeries from './listSeries.ts';

let platform: TestPlatform;
let tasks: RecurringTasks;
beforeAll(async () => {
  platform = await testPlatform();
  tasks = recurringTasksOf(platform);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, { published: [], logged: [], now: undefined });
});

interface Page {
  items: SeriesView[];
  next: string | null;
}
const start = (title: string, minute: number) =>
  tasks.start(
    { title, due: { date: '2026-03-02', timeZone: 'UTC' }, recurrence: { rule: 'FREQ=DAILY' } },
    `2026-03-01T12:0${minute}:00Z`,
  );
const list = async (query = '') => (await tasks.call<Page>(listSeries, `/series${query}`)).body;
const titles = async (query = '') => (await list(query)).items.map(({ title }) => title);

test('series stand newest first, a page at a time', async () => {
  for (const [minute, title] of ['one', 'two', 'three'].entries()) await start(title, minute);
  const page = await list('?limit=2');
  expect(page.items.map(({ title }) => title)).toEqual(['three', 'two']);
  expect(await list(`?limit=2&cursor=${page.next}`)).toMatchObject({ items: [{ title: 'one' }], next: null });
});

test('of one state', async () => {
  const [one, two] = [await start('one', 1), await start('two', 2)];
  await start('three', 3);
  await tasks.call(pauseSeries, `/series/${one.seriesId}/pause`);
  await tasks.call(endSeries, `/series/${two.seriesId}/end`);
  expect(await titles('?state=paused')).toEqual(['one']);
  expect(await titles('?state=ended')).toEqual(['two']);
  expect(await titles('?state=active')).toEqual(['three']);
});

test.each(['state=gone', 'limit=0', 'cursor=x', 'title=one', 'state=active&state=paused'])(
  'not by %s',
  async (query) => {
    expect((await tasks.call(listSeries, `/series?${query}`)).status).toBe(422);
  },
);

test('the cursor of one list is refused by another', async () => {
  for (const [minute, title] of ['one', 'two'].entries()) await start(title, minute);
  const { next } = await list('?limit=1');
  expect((await tasks.call(listSeries, `/series?limit=1&state=active&cursor=${next}`)).status).toBe(422);
});

test('another user’s series are not listed; without a token nothing is', async () => {
  await start('one', 1);
  const other = await recurringTasksOf(platform, 'bob').call<Page>(listSeries, '/series');
  expect(other.body).toEqual({ items: [], next: null });
  expect((await platform.app(listSeries).request('/series', {})).status).toBe(401);
});
