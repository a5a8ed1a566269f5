import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type RecurringTasks, recurringTasksOf } from '../../infra/testing/recurringTasks.ts';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { SeriesView } from '../../shared/domain/series.ts';
import getSeries from './getSeries.ts';

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

const start = () =>
  tasks.start(
    {
      title: 'Water the plants',
      tags: ['home'],
      due: { dateTime: '2026-03-02T09:00', timeZone: 'Europe/Madrid' },
      reminders: [{ before: 'PT1H' }],
      recurrence: { rule: 'rrule:freq=weekly', missed: 'skip', exdates: ['2026-03-16T09:00'] },
    },
    '2026-03-01T12:00:00Z',
  );

test('a series tells what its instances are like, when they are due, and how far it is', async () => {
  const first = await start();
  const { status, headers, body } = await tasks.call<SeriesView>(getSeries, `/series/${first.seriesId}`);
  expect([status, headers.get('etag')]).toEqual([200, '"1"']);
  expect(body).toEqual({
    id: first.seriesId,
    ...{ title: 'Water the plants', description: null, priority: 'medium', tags: ['home'] },
    reminders: [{ before: 'PT1H' }],
    start: { dateTime: '2026-03-02T09:00:00', timeZone: 'Europe/Madrid' },
    recurrence: {
      ...{ rule: 'FREQ=WEEKLY', overflow: 'clamp', gap: 'shift', exdates: ['2026-03-16T09:00:00'], rdates: [] },
      ...{ mode: 'fixed', missed: 'skip', overlap: 'single_open' },
    },
    state: 'active',
    next: { occurrence: '2026-03-09T09:00:00', at: '2026-03-09T08:00:00.000Z' },
    ...{ made: 1, passedOver: 0, version: 1 },
    ...{ createdAt: '2026-03-01T12:00:00.000Z', updatedAt: '2026-03-01T12:00:00.000Z' },
  });
});

test('known at its version, it is not sent again', async () => {
  const first = await start();
  const { status } = await tasks.call(getSeries, `/series/${first.seriesId}`, undefined, { 'if-none-match': '"1"' });
  expect(status).toBe(304);
});

test('making an instance is a change of it', async () => {
  const first = await start();
  await tasks.complete(first, '2026-03-02T10:00:00Z');
  await tasks.tick('2026-03-09T07:00:00Z');
  expect(await tasks.series(first)).toMatchObject({ version: 2, made: 2, next: { occurrence: '2026-03-23T09:00:00' } });
});

test('another user’s series is not found, nor what is none; without a token there is no answer', async () => {
  const first = await start();
  const other = recurringTasksOf(platform, 'bob');
  expect((await other.call(getSeries, `/series/${first.seriesId}`)).status).toBe(404);
  expect((await tasks.call(getSeries, `/series/${first.id}`)).status).toBe(404);
  expect((await tasks.call(getSeries, '/series/x')).status).toBe(404);
  expect((await platform.app(getSeries).request(`/series/${first.seriesId}`, {})).status).toBe(401);
});
