import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type RecurringTasks, recurringTasksOf } from '../../infra/testing/recurringTasks.ts';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { SeriesView } from '../../shared/domain/series.ts';
import reopenTask from '../reopenTask/reopenTask.ts';
import endSeries from './endSeries.ts';

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

const end = (task: { seriesId: string | null }) => tasks.call<SeriesView>(endSeries, `/series/${task.seriesId}/end`);

test.each(['fixed', 'after_completion'])(
  'an ended series makes no more instances; the open one stays: %s',
  async (mode) => {
    const first = await tasks.startDaily({ mode });
    expect((await end(first)).body).toMatchObject({ state: 'ended', next: null, made: 1 });
    expect(await tasks.open()).toEqual(['2026-03-02T09:00:00']);
    await tasks.complete(first, '2026-03-02T10:00:00Z');
    await tasks.call(reopenTask, `/tasks/${first.id}/reopen`);
    await tasks.complete(first, '2026-03-03T10:00:00Z');
    await tasks.tick('2026-03-05T12:00:00Z');
    expect(await tasks.open()).toEqual([]);
    expect(await tasks.series(first)).toMatchObject({ state: 'ended', next: null });
  },
);

test('it makes room for another', async () => {
  const first = await tasks.startDaily();
  await platform.database.query(
    `insert into series select (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid()))).*
     from series s, generate_series(1, 999)`,
  );
  const full = { status: 409, detail: 'You have 1000 series that go on, and there may be no more: end some first.' };
  await expect(tasks.startDaily()).rejects.toThrow(JSON.stringify(full.detail));
  await end(first);
  expect((await tasks.startDaily()).seriesId).toEqual(expect.any(String));
});

test('on another version than the one it is at it is refused; done twice, the second changes nothing', async () => {
  const first = await tasks.startDaily();
  const path = `/series/${first.seriesId}/end`;
  expect((await tasks.call(endSeries, path, undefined, { 'if-match': '"2"' })).status).toBe(412);
  const done = await tasks.call<SeriesView>(endSeries, path, undefined, { 'if-match': '"1"' });
  expect([done.status, done.headers.get('etag')]).toEqual([200, '"2"']);
  expect((await tasks.call<SeriesView>(endSeries, path)).body).toEqual(done.body);
});

test('another user’s series is not found, nor what is none; without a token there is no answer', async () => {
  const first = await tasks.startDaily();
  const before = await tasks.series(first);
  const other = recurringTasksOf(platform, 'bob');
  expect((await other.call(endSeries, `/series/${first.seriesId}/end`)).status).toBe(404);
  expect((await tasks.call(endSeries, `/series/${first.id}/end`)).status).toBe(404);
  expect((await tasks.call(endSeries, '/series/x/end')).status).toBe(404);
  expect((await platform.app(endSeries).request(`/series/${first.seriesId}/end`, { method: 'POST' })).status).toBe(401);
  expect(await tasks.series(first)).toEqual(before);
});
