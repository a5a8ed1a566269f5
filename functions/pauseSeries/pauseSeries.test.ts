import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type RecurringTasks, recurringTasksOf } from '../../infra/testing/recurringTasks.ts';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { SeriesView } from '../../shared/domain/series.ts';
import endSeries from '../endSeries/endSeries.ts';
import pauseSeries from './pauseSeries.ts';

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

const pause = (task: { seriesId: string | null }) =>
  tasks.call<SeriesView>(pauseSeries, `/series/${task.seriesId}/pause`);

test.each(['fixed', 'after_completion'])('a paused series makes no instances; the open one stays: %s', async (mode) => {
  const first = await tasks.startDaily({ mode });
  expect((await pause(first)).body).toMatchObject({ state: 'paused', version: 2 });
  expect(await tasks.open()).toEqual(['2026-03-02T09:00:00']);
  await tasks.complete(first, '2026-03-02T10:00:00Z');
  await tasks.tick('2026-03-05T12:00:00Z');
  expect(await tasks.open()).toEqual([]);
  expect(await tasks.series(first)).toMatchObject({ state: 'paused', next: { occurrence: '2026-03-03T09:00:00' } });
});

test('one whose instances overlap makes none either', async () => {
  const first = await tasks.startDaily({ overlap: 'allow', missed: 'all' });
  await pause(first);
  await tasks.tick('2026-03-05T12:00:00Z');
  expect(await tasks.open()).toEqual(['2026-03-02T09:00:00']);
});

test('an ended series cannot be paused', async () => {
  const first = await tasks.startDaily();
  await tasks.call(endSeries, `/series/${first.seriesId}/end`);
  expect((await pause(first)).status).toBe(422);
  expect(await tasks.series(first)).toMatchObject({ state: 'ended' });
});

test('on another version than the one it is at it is refused; done twice, the second changes nothing', async () => {
  const first = await tasks.startDaily();
  const path = `/series/${first.seriesId}/pause`;
  expect((await tasks.call(pauseSeries, path, undefined, { 'if-match': '"2"' })).status).toBe(412);
  const done = await tasks.call<SeriesView>(pauseSeries, path, undefined, { 'if-match': '"1"' });
  expect([done.status, done.headers.get('etag')]).toEqual([200, '"2"']);
  expect((await tasks.call<SeriesView>(pauseSeries, path)).body).toEqual(done.body);
});

test('another user’s series is not found, nor what is none; without a token there is no answer', async () => {
  const first = await tasks.startDaily();
  const before = await tasks.series(first);
  const other = recurringTasksOf(platform, 'bob');
  expect((await other.call(pauseSeries, `/series/${first.seriesId}/pause`)).status).toBe(404);
  expect((await tasks.call(pauseSeries, `/series/${first.id}/pause`)).status).toBe(404);
  expect((await tasks.call(pauseSeries, '/series/x/pause')).status).toBe(404);
  expect((await platform.app(pauseSeries).request(`/series/${first.seriesId}/pause`, { method: 'POST' })).status).toBe(
    401,
  );
  expect(await tasks.series(first)).toEqual(before);
});
