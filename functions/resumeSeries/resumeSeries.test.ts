import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type RecurringTasks, recurringTasksOf } from '../../infra/testing/recurringTasks.ts';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { SeriesView } from '../../shared/domain/series.ts';
import endSeries from '../endSeries/endSeries.ts';
import pauseSeries from '../pauseSeries/pauseSeries.ts';
import resumeSeries from './resumeSeries.ts';

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

const pause = (task: { seriesId: string | null }) => tasks.call(pauseSeries, `/series/${task.seriesId}/pause`);
const resumeAt = (task: { seriesId: string | null }, now: string) => {
  platform.now = new Date(now);
  return tasks.call<SeriesView>(resumeSeries, `/series/${task.seriesId}/resume`);
};

test.each(['latest', 'all', 'skip'])(
  'a series goes on with the first slot that is ahead, whatever it does with missed ones: %s',
  async (missed) => {
    const first = await tasks.startDaily({ missed });
    await pause(first);
    await tasks.complete(first, '2026-03-02T10:00:00Z');
    const { body } = await resumeAt(first, '2026-03-06T12:00:00Z');
    expect(body).toMatchObject({ state: 'active', next: { occurrence: '2026-03-07T09:00:00' }, passedOver: 4 });
    await tasks.tick('2026-03-06T13:00:00Z');
    expect(await tasks.open()).toEqual([]);
    await tasks.tick('2026-03-07T08:00:00Z');
    expect(await tasks.open()).toEqual(['2026-03-07T09:00:00']);
  },
);

test('with an instance still open, it waits for that', async () => {
  const first = await tasks.startDaily();
  await pause(first);
  await resumeAt(first, '2026-03-06T12:00:00Z');
  await tasks.tick('2026-03-07T12:00:00Z');
  expect(await tasks.open()).toEqual(['2026-03-02T09:00:00']);
  await tasks.complete(first, '2026-03-07T12:00:00Z');
  expect(await tasks.open()).toEqual(['2026-03-07T09:00:00']);
});

test('counted from a completion, the slot that came meanwhile is passed over', async () => {
  const first = await tasks.startDaily({ rule: 'FREQ=DAILY;INTERVAL=3', mode: 'after_completion' });
  await pause(first);
  await tasks.complete(first, '2026-03-02T10:00:00Z');
  const { body } = await resumeAt(first, '2026-03-09T12:00:00Z');
  expect(body).toMatchObject({ next: { occurrence: '2026-03-11T09:00:00' }, passedOver: 2 });
});

test('where the rule ended meanwhile, so has the series', async () => {
  const first = await tasks.startDaily({ rule: 'FREQ=DAILY;COUNT=3' });
  await pause(first);
  expect((await resumeAt(first, '2026-03-09T12:00:00Z')).body).toMatchObject({
    state: 'ended',
    next: null,
    passedOver: 2,
  });
});

test('an ended series cannot be resumed; one that is not paused stays as it is', async () => {
  const first = await tasks.startDaily();
  expect((await resumeAt(first, '2026-03-01T12:00:00Z')).body).toMatchObject({ state: 'active', version: 1 });
  await tasks.call(endSeries, `/series/${first.seriesId}/end`);
  expect((await resumeAt(first, '2026-03-01T12:00:00Z')).status).toBe(422);
});

test('on another version than the one it is at it is refused', async () => {
  const first = await tasks.startDaily();
  await pause(first);
  const path = `/series/${first.seriesId}/resume`;
  expect((await tasks.call(resumeSeries, path, undefined, { 'if-match': '"1"' })).status).toBe(412);
  expect((await tasks.call(resumeSeries, path, undefined, { 'if-match': '"2"' })).headers.get('etag')).toBe('"3"');
});

test('another user’s series is not found, nor what is none; without a token there is no answer', async () => {
  const first = await tasks.startDaily();
  const before = await tasks.series(first);
  const other = recurringTasksOf(platform, 'bob');
  expect((await other.call(resumeSeries, `/series/${first.seriesId}/resume`)).status).toBe(404);
  expect((await tasks.call(resumeSeries, `/series/${first.id}/resume`)).status).toBe(404);
  expect((await tasks.call(resumeSeries, '/series/x/resume')).status).toBe(404);
  expect(
    (await platform.app(resumeSeries).request(`/series/${first.seriesId}/resume`, { method: 'POST' })).status,
  ).toBe(401);
  expect(await tasks.series(first)).toEqual(before);
});
