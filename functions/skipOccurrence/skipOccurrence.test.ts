import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RecurringTasks, recurringTasksOf } from '../../infra/testing/recurringTasks.ts';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { SeriesView } from '../../shared/domain/series.ts';
import type { Problem } from '../../shared/runtime/problem.ts';
import endSeries from '../endSeries/endSeries.ts';
import restoreTask from '../restoreTask/restoreTask.ts';
import skipOccurrence from './skipOccurrence.ts';

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

const skip = <Body = SeriesView>(task: { seriesId: string | null }, occurrence: string, headers = {}) =>
  tasks.call<Body>(skipOccurrence, `/series/${task.seriesId}/skip`, { occurrence }, headers);

test('a slot ahead gets no instance', async () => {
  const first = await tasks.startDaily();
  const { status, body } = await skip(first, '2026-03-03T09:00');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    recurrence: { exdates: ['2026-03-03T09:00:00'] },
    next: { occurrence: '2026-03-04T09:00:00' },
  });
  await tasks.complete(first, '2026-03-02T10:00:00Z');
  await tasks.tick('2026-03-03T12:00:00Z');
  expect(await tasks.open()).toEqual([]);
  await tasks.tick('2026-03-04T08:00:00Z');
  expect(await tasks.open()).toEqual(['2026-03-04T09:00:00']);
});

test('one further ahead leaves the next as it is', async () => {
  const first = await tasks.startDaily();
  const { body } = await skip(first, '2026-03-05T09:00:00');
  expect(body).toMatchObject({
    next: { occurrence: '2026-03-03T09:00:00' },
    recurrence: { exdates: ['2026-03-05T09:00:00'] },
  });
});

describe('the instance of a slot', () => {
  test('is deleted, which is told, and the series goes on', async () => {
    const first = await tasks.startDaily();
    platform.published = [];
    const { body } = await skip(first, '2026-03-02T09:00');
    expect(body).toMatchObject({
      next: { occurrence: '2026-03-03T09:00:00' },
      recurrence: { exdates: ['2026-03-02T09:00:00'] },
    });
    expect(platform.published.map(({ type, subject }) => [type, subject])).toEqual([['task.deleted', first.id]]);
    expect(await tasks.open()).toEqual([]);
    await tasks.tick('2026-03-03T08:00:00Z');
    expect(await tasks.open()).toEqual(['2026-03-03T09:00:00']);
  });

  test('counts as done now, where the series counts from completions', async () => {
    const first = await tasks.startDaily({ rule: 'FREQ=DAILY;INTERVAL=10', mode: 'after_completion' });
    expect((await skip(first, '2026-03-02T09:00')).body.next?.occurrence).toBe('2026-03-11T09:00:00');
    expect((await skip(first, '2026-03-11T09:00')).body.next?.occurrence).toBe('2026-03-21T09:00:00');
  });

  test('can be restored, and then the next one waits', async () => {
    const first = await tasks.startDaily();
    await skip(first, '2026-03-02T09:00');
    expect((await tasks.call(restoreTask, `/tasks/${first.id}/restore`)).status).toBe(200);
    await tasks.tick('2026-03-03T08:00:00Z');
    expect(await tasks.open()).toEqual(['2026-03-02T09:00:00']);
  });
});

test('the last slot of a rule ends the series', async () => {
  const first = await tasks.startDaily({ rule: 'FREQ=DAILY;COUNT=2' });
  expect((await skip(first, '2026-03-03T09:00')).body).toMatchObject({ state: 'ended', next: null });
});

describe('what is refused changes nothing', () => {
  test.each([
    ['a time of day that it has not', '2026-03-03T10:00', 'Is no slot that the series has before it.'],
    ['a whole day', '2026-03-03', 'Is no slot that the series has before it.'],
    ['a day before it began', '2026-02-28T09:00', 'Is no slot that the series has before it.'],
    ['no date', 'tomorrow', 'Must be a real date, written YYYY-MM-DD.'],
  ])('%s', async (_what, occurrence, detail) => {
    const first = await tasks.startDaily();
    const { status, body } = await skip<Problem>(first, occurrence);
    expect([status, body.errors]).toEqual([422, [{ pointer: '#/occurrence', detail }]]);
    expect((await tasks.series(first)).version).toBe(1);
  });

  test('a slot that is past, one that is done, one that is deleted', async () => {
    const first = await tasks.startDaily();
    platform.now = new Date('2026-03-02T09:00:00Z');
    expect((await skip<Problem>(first, '2026-03-02T09:00')).body.errors?.[0]?.detail).toBe('Its time has passed.');
    await tasks.complete(first, '2026-03-02T08:00:00Z');
    expect((await skip<Problem>(first, '2026-03-02T09:00')).body.errors?.[0]?.detail).toBe('Its task is done.');
    await tasks.tick('2026-03-03T08:00:00Z');
    await tasks.remove(await tasks.onlyOpen(), '2026-03-03T08:10:00Z');
    expect((await skip<Problem>(first, '2026-03-03T09:00')).body.errors?.[0]?.detail).toBe('Its task is deleted.');
  });

  test('a slot of an ended series', async () => {
    const first = await tasks.startDaily();
    await tasks.call(endSeries, `/series/${first.seriesId}/end`);
    expect((await skip(first, '2026-03-03T09:00')).status).toBe(422);
  });
});

test('a hundred dates are kept; of more, those go that have passed', async () => {
  const exdates = Array.from({ length: 100 }, (_, day) =>
    new Date(Date.UTC(2026, 2, 3 + day)).toISOString().slice(0, 16).replace('T00', 'T09'),
  );
  const first = await tasks.startDaily({ exdates });
  expect((await skip(first, '2026-06-20T09:00')).status).toBe(422);
  await tasks.complete(first, '2026-06-11T08:30:00Z');
  expect(await tasks.open()).toEqual(['2026-06-11T09:00:00']);
  expect((await skip(first, '2026-06-20T09:00')).body.recurrence.exdates).toEqual(['2026-06-20T09:00:00']);
});

test('on another version it is refused; skipped twice, the second changes nothing', async () => {
  const first = await tasks.startDaily();
  expect((await skip(first, '2026-03-03T09:00', { 'if-match': '"7"' })).status).toBe(412);
  const once = await skip(first, '2026-03-03T09:00', { 'if-match': '"1"' });
  expect(once.headers.get('etag')).toBe('"2"');
  expect((await skip(first, '2026-03-03T09:00')).body).toEqual(once.body);
});

test('another user’s series is not found, nor what is none; without a token there is no answer', async () => {
  const first = await tasks.startDaily();
  const before = await tasks.series(first);
  const other = recurringTasksOf(platform, 'bob');
  expect(
    (await other.call(skipOccurrence, `/series/${first.seriesId}/skip`, { occurrence: '2026-03-03T09:00' })).status,
  ).toBe(404);
  expect(
    (await tasks.call(skipOccurrence, `/series/${first.id}/skip`, { occurrence: '2026-03-03T09:00' })).status,
  ).toBe(404);
  expect((await tasks.call(skipOccurrence, '/series/x/skip', { occurrence: '2026-03-03T09:00' })).status).toBe(404);
  expect(
    (await platform.app(skipOccurrence).request(`/series/${first.seriesId}/skip`, { method: 'POST' })).status,
  ).toBe(401);
  expect(await tasks.series(first)).toEqual(before);
});
