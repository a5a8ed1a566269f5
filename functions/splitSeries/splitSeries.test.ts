import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RecurringTasks, recurringTasksOf } from '../../infra/testing/recurringTasks.ts';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { SeriesView } from '../../shared/domain/series.ts';
import type { Problem } from '../../shared/runtime/problem.ts';
import endSeries from '../endSeries/endSeries.ts';
import pauseSeries from '../pauseSeries/pauseSeries.ts';
import splitSeries from './splitSeries.ts';

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

const split = <Body = SeriesView>(task: { seriesId: string | null }, from: string, changes = {}, headers = {}) =>
  tasks.call<Body>(splitSeries, `/series/${task.seriesId}/split`, { from, ...changes }, headers);

test('a series ends before a slot, and another begins there, with what is different', async () => {
  const first = await tasks.startDaily();
  const { status, headers, body } = await split(first, '2026-03-04T09:00', { title: 'Water the garden' });
  expect([status, headers.get('location'), headers.get('etag')]).toEqual([201, `/series/${body.id}`, '"1"']);
  expect(body).toMatchObject({
    ...{ title: 'Water the garden', state: 'active', made: 0 },
    start: { dateTime: '2026-03-04T09:00:00', timeZone: 'UTC' },
    next: { occurrence: '2026-03-04T09:00:00' },
  });
  expect(await tasks.series(first)).toMatchObject({
    ...{ title: 'Water the plants', state: 'active', version: 2, next: { occurrence: '2026-03-03T09:00:00' } },
    recurrence: { rule: 'FREQ=DAILY;UNTIL=20260304T085959Z' },
  });
  await tasks.complete(first, '2026-03-02T10:00:00Z');
  await tasks.tick('2026-03-03T08:00:00Z');
  await tasks.complete(await tasks.onlyOpen(), '2026-03-03T10:00:00Z');
  expect(await tasks.series(first)).toMatchObject({ state: 'ended', made: 2 });
  await tasks.tick('2026-03-04T08:00:00Z');
  expect(await tasks.onlyOpen()).toMatchObject({
    seriesId: body.id,
    occurrence: '2026-03-04T09:00:00',
    title: 'Water the garden',
  });
});

test('an open instance moves over, and is what it was', async () => {
  const first = await tasks.startDaily();
  await tasks.complete(first, '2026-03-02T10:00:00Z');
  await tasks.tick('2026-03-03T08:00:00Z');
  const moving = await tasks.onlyOpen();
  platform.published = [];
  const { body } = await split(first, '2026-03-03T09:00', { start: { dateTime: '2026-03-03T18:00', timeZone: 'UTC' } });
  expect(await tasks.onlyOpen()).toMatchObject({
    id: moving.id,
    seriesId: body.id,
    occurrence: '2026-03-03T18:00:00',
    version: 2,
  });
  expect(platform.published).toMatchObject([
    {
      type: 'task.updated',
      subject: moving.id,
      data: { data: { series_id: body.id, changed: ['due', 'dueAt', 'seriesId', 'occurrence'] } },
    },
  ]);
  expect(body).toMatchObject({ made: 1, next: { occurrence: '2026-03-04T18:00:00' } });
  expect(await tasks.series(first)).toMatchObject({ state: 'ended', next: null, made: 1 });
});

describe('COUNT is divided', () => {
  test.each([
    ['fixed', 'FREQ=DAILY;COUNT=10', '2026-03-06T09:00', 'FREQ=DAILY;COUNT=4', 'FREQ=DAILY;COUNT=6'],
    ['after_completion', 'FREQ=DAILY;COUNT=10', '2026-03-03T09:00', 'FREQ=DAILY;COUNT=10', 'FREQ=DAILY;COUNT=9'],
  ])('%s', async (mode, rule, from, old, further) => {
    const first = await tasks.startDaily({ rule, mode });
    await tasks.complete(first, '2026-03-02T10:00:00Z');
    expect((await split(first, from)).body.recurrence.rule).toBe(further);
    expect((await tasks.series(first)).recurrence.rule).toBe(old);
  });

  test('unless the new series gets a rule of its own', async () => {
    const first = await tasks.startDaily({ rule: 'FREQ=DAILY;COUNT=10' });
    const { body } = await split(first, '2026-03-06T09:00', { recurrence: { rule: 'FREQ=WEEKLY' } });
    expect(body).toMatchObject({ recurrence: { rule: 'FREQ=WEEKLY' }, next: { occurrence: '2026-03-06T09:00:00' } });
  });
});

test('dates that are left out or added go with their part', async () => {
  const first = await tasks.startDaily({
    exdates: ['2026-03-03T09:00', '2026-03-10T09:00'],
    rdates: ['2026-03-04T20:00', '2026-03-11T20:00'],
  });
  const { body } = await split(first, '2026-03-08T09:00');
  expect(body.recurrence).toMatchObject({ exdates: ['2026-03-10T09:00:00'], rdates: ['2026-03-11T20:00:00'] });
  expect((await tasks.series(first)).recurrence).toMatchObject({
    exdates: ['2026-03-03T09:00:00'],
    rdates: ['2026-03-04T20:00:00'],
  });
});

describe('the new series means what the old one meant', () => {
  const slotsOf = async (task: { seriesId: string | null }, done: string[]) => {
    const slots: string[] = [];
    for (const slot of done) {
      await tasks.tick(`${slot}T00:00:00Z`);
      const open = await tasks.onlyOpen();
      expect(open.seriesId).toBe(task.seriesId);
      slots.push(open.occurrence ?? '');
      await tasks.complete(open, `${slot}T00:10:00Z`);
    }
    return slots;
  };

  test.each([
    [
      'the 31st, from February on',
      'FREQ=MONTHLY',
      '2025-01-31',
      '2025-02-28',
      ['2025-02-28', '2025-03-31', '2025-04-30'],
    ],
    [
      'a leap day, from a common year on',
      'FREQ=YEARLY',
      '2016-02-29',
      '2017-02-28',
      ['2017-02-28', '2018-02-28', '2019-02-28', '2020-02-29'],
    ],
    [
      'every other week',
      'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH',
      '2025-03-03',
      '2025-03-20',
      ['2025-03-20', '2025-03-31', '2025-04-03'],
    ],
  ])('%s', async (_what, rule, date, from, slots) => {
    const due = { date, timeZone: 'UTC' };
    const first = await tasks.start({ title: 'Recurring', due, recurrence: { rule } }, `${date}T00:00:00Z`);
    const { status, body } = await split(first, from);
    expect(status).toBe(201);
    await tasks.call(endSeries, `/series/${first.seriesId}/end`);
    await tasks.complete(first, `${date}T10:00:00Z`);
    expect(await slotsOf({ seriesId: body.id }, slots)).toEqual(slots);
  });
});

test('a paused series is paused in both parts', async () => {
  const first = await tasks.startDaily();
  await tasks.call(pauseSeries, `/series/${first.seriesId}/pause`);
  expect((await split(first, '2026-03-04T09:00')).body.state).toBe('paused');
  expect((await tasks.series(first)).state).toBe('paused');
});

describe('what is refused changes nothing', () => {
  test.each([
    ['the first slot', '2026-03-02T09:00', {}, '#/from'],
    ['a time that it has not', '2026-03-04T10:00', {}, '#/from'],
    ['a day before it began', '2026-03-01T09:00', {}, '#/from'],
    ['a date that was added to the rule', '2026-03-05T20:00', {}, '#/from'],
    ['a slot that is left out', '2026-03-06T09:00', {}, '#/from'],
    ['no date', 'tomorrow', {}, '#/from'],
    ['a bad rule for the new one', '2026-03-04T09:00', { recurrence: { rule: 'FREQ=HOURLY' } }, '#/recurrence/rule'],
    ['an unknown field', '2026-03-04T09:00', { colour: 'red' }, '#/colour'],
  ])('%s', async (_what, from, changes, pointer) => {
    const first = await tasks.startDaily({ rdates: ['2026-03-05T20:00'], exdates: ['2026-03-06T09:00'] });
    const before = await tasks.series(first);
    const { status, body } = await split<Problem>(first, from, changes);
    expect([status, body.errors?.map((fault) => fault.pointer)]).toEqual([422, [pointer]]);
    expect([await tasks.series(first), await tasks.onlyOpen()]).toEqual([before, first]);
    expect(await platform.database.query('select count(*)::int as count from series')).toEqual([{ count: 1 }]);
  });

  test('a slot that is done, and any of an ended series', async () => {
    const first = await tasks.startDaily();
    await tasks.complete(first, '2026-03-02T10:00:00Z');
    expect((await split(first, '2026-03-02T09:00')).status).toBe(422);
    await tasks.call(endSeries, `/series/${first.seriesId}/end`);
    expect((await split(first, '2026-03-04T09:00')).status).toBe(422);
  });

  test('another version than the one it is at', async () => {
    const first = await tasks.startDaily();
    expect((await split(first, '2026-03-04T09:00', {}, { 'if-match': '"7"' })).status).toBe(412);
  });
});

test('the same request with its key makes one series', async () => {
  const first = await tasks.startDaily();
  const key = { 'idempotency-key': 'once' };
  const [one, two] = [await split(first, '2026-03-04T09:00', {}, key), await split(first, '2026-03-04T09:00', {}, key)];
  expect(two.body).toEqual(one.body);
  expect(await platform.database.query('select count(*)::int as count from series')).toEqual([{ count: 2 }]);
});

test('another user’s series is not found, nor what is none; without a token there is no answer', async () => {
  const first = await tasks.startDaily();
  const before = await tasks.series(first);
  const other = recurringTasksOf(platform, 'bob');
  expect((await other.call(splitSeries, `/series/${first.seriesId}/split`, { from: '2026-03-04T09:00' })).status).toBe(
    404,
  );
  expect((await tasks.call(splitSeries, `/series/${first.id}/split`, { from: '2026-03-04T09:00' })).status).toBe(404);
  expect((await tasks.call(splitSeries, '/series/x/split', { from: '2026-03-04T09:00' })).status).toBe(404);
  expect((await platform.app(splitSeries).request(`/series/${first.seriesId}/split`, { method: 'POST' })).status).toBe(
    401,
  );
  expect(await tasks.series(first)).toEqual(before);
});
