import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RecurringTasks, recurringTasksOf } from '../../infra/testing/recurringTasks.ts';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { SeriesView } from '../../shared/domain/series.ts';
import type { Task } from '../../shared/domain/task.ts';
import type { Problem } from '../../shared/runtime/problem.ts';
import completeTask from '../completeTask/completeTask.ts';
import endSeries from '../endSeries/endSeries.ts';
import updateTask from '../updateTask/updateTask.ts';
import updateSeries from './updateSeries.ts';

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

/** A weekly series on Mondays in Madrid, whose first instance, of 2 March, is open and ahead. */
const start = (changes: object = {}) =>
  tasks.start(
    {
      title: 'Water the plants',
      tags: ['home'],
      due: { dateTime: '2026-03-02T09:00', timeZone: 'Europe/Madrid' },
      reminders: [{ before: 'PT1H' }],
      recurrence: { rule: 'FREQ=WEEKLY' },
      ...changes,
    },
    '2026-03-01T12:00:00Z',
  );
const patch = <Body = SeriesView>({ seriesId }: Task, body: object, headers = {}) =>
  tasks.call<Body>(updateSeries, `/series/${seriesId}`, body, headers);
const published = () => platform.published.map(({ type, data }) => [type, data.data]);

describe('what its instances are like', () => {
  test('changes in the open instance and in later ones', async () => {
    const first = await start();
    platform.published = [];
    const { status, body } = await patch(first, {
      title: 'Water the garden',
      tags: null,
      reminders: [{ before: 'P1D' }],
    });
    expect([status, body.title, body.tags, body.version]).toEqual([200, 'Water the garden', [], 2]);
    expect(await tasks.onlyOpen()).toMatchObject({
      ...{ id: first.id, title: 'Water the garden', tags: [], version: 2, occurrence: first.occurrence },
      reminders: [{ spec: { before: 'P1D' }, remindAt: '2026-03-01T08:00:00.000Z' }],
    });
    expect(published()).toMatchObject([['task.updated', { version: 2, changed: ['title', 'tags', 'reminders'] }]]);
    await tasks.complete(first, '2026-03-02T12:00:00Z');
    await tasks.tick('2026-03-08T08:00:00Z');
    expect(await tasks.onlyOpen()).toMatchObject({ occurrence: '2026-03-09T09:00:00', title: 'Water the garden' });
  });

  test('stays in an instance where it was changed by hand', async () => {
    const first = await start();
    await tasks.call(updateTask, `/tasks/${first.id}`, { title: 'Water only the roses', reminders: [] });
    await patch(first, { title: 'Water the garden', priority: 'high', reminders: [{ before: 'P2D' }] });
    expect(await tasks.onlyOpen()).toMatchObject({ title: 'Water only the roses', priority: 'high', reminders: [] });
  });

  test('stays in what is done', async () => {
    const first = await start();
    const done = await tasks.complete(first, '2026-03-02T12:00:00Z');
    await patch(first, { title: 'Water the garden' });
    expect(await tasks.instances()).toEqual([done]);
  });

  test('lets instances be made earlier where a reminder comes earlier', async () => {
    const first = await start();
    await tasks.complete(first, '2026-03-02T12:00:00Z');
    await patch(first, { reminders: [{ before: 'P3D' }] });
    await tasks.tick('2026-03-06T00:00:00Z');
    expect(await tasks.open()).toEqual(['2026-03-09T09:00:00']);
  });
});

describe('another schedule', () => {
  test.each([
    ['rule', { recurrence: { rule: 'FREQ=WEEKLY;BYDAY=TH' } }, '2026-03-05T09:00:00', '2026-03-05T08:00:00.000Z'],
    [
      'wall time',
      { start: { dateTime: '2026-03-02T18:30', timeZone: 'Europe/Madrid' } },
      '2026-03-02T18:30:00',
      '2026-03-02T17:30:00.000Z',
    ],
    [
      'zone',
      { start: { dateTime: '2026-03-02T09:00', timeZone: 'America/New_York' } },
      '2026-03-02T09:00:00',
      '2026-03-02T14:00:00.000Z',
    ],
    ['day', { start: { date: '2026-03-04', timeZone: 'Europe/Madrid' } }, '2026-03-04', '2026-03-04T23:00:00.000Z'],
    ['exdates', { recurrence: { exdates: ['2026-03-02T09:00'] } }, '2026-03-09T09:00:00', '2026-03-09T08:00:00.000Z'],
    [
      'rdates',
      { recurrence: { exdates: ['2026-03-02T09:00'], rdates: ['2026-03-04T19:00'] } },
      '2026-03-04T19:00:00',
      '2026-03-04T18:00:00.000Z',
    ],
  ])('moves an open instance that is ahead, and its reminders: %s', async (_what, body, occurrence, dueAt) => {
    const first = await start();
    platform.published = [];
    expect((await patch(first, body)).status).toBe(200);
    const moved = await tasks.onlyOpen();
    expect(moved).toMatchObject({ id: first.id, occurrence, dueAt, version: 2 });
    expect(moved.reminders[0]).toMatchObject({ id: first.reminders[0]?.id, status: 'pending' });
    expect(published()).toMatchObject([['task.updated', { due_at: dueAt, previous: { due_at: first.dueAt } }]]);
  });

  test('leaves an open instance that is past, and counts from there', async () => {
    const first = await start();
    platform.now = new Date('2026-03-18T12:00:00Z');
    const { body } = await patch(first, { recurrence: { rule: 'FREQ=DAILY' } });
    expect(body).toMatchObject({ next: { occurrence: '2026-03-19T09:00:00' }, passedOver: 2 });
    expect(await tasks.onlyOpen()).toEqual(first);
    await tasks.complete(first, '2026-03-18T12:30:00Z');
    await tasks.tick('2026-03-19T07:30:00Z');
    expect(await tasks.open()).toEqual(['2026-03-19T09:00:00']);
  });

  test('makes no second instance on a day that had its turn', async () => {
    const first = await start();
    await tasks.complete(first, '2026-03-02T08:30:00Z');
    const { body } = await patch(first, {
      start: { dateTime: '2026-03-02T20:00', timeZone: 'Europe/Madrid' },
      recurrence: { rule: 'FREQ=DAILY' },
    });
    expect(body.next?.occurrence).toBe('2026-03-03T20:00:00');
  });

  test('leaves a due time that was changed by hand, and gives the instance its new slot', async () => {
    const first = await start();
    const due = { dateTime: '2026-03-03T07:00', timeZone: 'Europe/Madrid' };
    await tasks.call(updateTask, `/tasks/${first.id}`, { due });
    await patch(first, { recurrence: { rule: 'FREQ=WEEKLY;BYDAY=TH' } });
    expect(await tasks.onlyOpen()).toMatchObject({
      ...{ occurrence: '2026-03-05T09:00:00', dueAt: '2026-03-03T06:00:00.000Z' },
    });
  });

  describe('of which several are ahead', () => {
    const started = async () => {
      const recurrence = { rule: 'FREQ=DAILY', overlap: 'allow' };
      const first = await start({ recurrence, reminders: [{ before: 'P5D' }] });
      await tasks.tick('2026-03-01T12:30:00Z');
      expect(await tasks.open()).toHaveLength(5);
      platform.published = [];
      return first;
    };
    const slots = (time: string) => ['03', '04', '05', '06'].map((day) => `2026-03-${day}T${time}:00`);
    const startingAt = (time: string) => ({ start: { dateTime: `2026-03-03T${time}`, timeZone: 'Europe/Madrid' } });

    test('moves them, and deletes what it has no slot for yet', async () => {
      await patch(await started(), startingAt('18:00'));
      expect(await tasks.open()).toEqual(slots('18:00'));
      const types = platform.published.map(({ type }) => type).sort();
      expect(types).toEqual(['task.deleted', ...Array(4).fill('task.updated')]);
      await tasks.tick('2026-03-02T12:30:00Z');
      expect(await tasks.open()).toEqual([...slots('18:00'), '2026-03-07T18:00:00']);
    });

    test('leaves those where they are whose slots it has too', async () => {
      await patch(await started(), startingAt('09:00'));
      expect(await tasks.open()).toEqual(slots('09:00'));
      expect(platform.published.map(({ type }) => type)).toEqual(['task.deleted']);
    });

    test('lets one slot be taken that another leaves', async () => {
      const first = await started();
      await patch(first, { recurrence: { exdates: ['2026-03-03T09:00'] } });
      await patch(first, { recurrence: { exdates: null, rule: 'FREQ=DAILY;INTERVAL=2' } });
      expect(await tasks.open()).toEqual(['2026-03-02T09:00:00', '2026-03-04T09:00:00', '2026-03-06T09:00:00']);
    });
  });

  test('counts on from the last completion, where it counts from completions', async () => {
    const first = await start({ recurrence: { rule: 'FREQ=DAILY;INTERVAL=10', mode: 'after_completion' } });
    await tasks.complete(first, '2026-03-02T12:00:00Z');
    const { body } = await patch(first, { recurrence: { rule: 'FREQ=DAILY;INTERVAL=20' } });
    expect(body.next?.occurrence).toBe('2026-03-22T09:00:00');
    await tasks.tick('2026-03-22T08:30:00Z');
    const open = await tasks.onlyOpen();
    expect(open.occurrence).toBe('2026-03-22T09:00:00');
  });

  test('lets an ended series go on', async () => {
    const first = await start({ recurrence: { rule: 'FREQ=WEEKLY;COUNT=1' } });
    expect(await tasks.series(first)).toMatchObject({ state: 'ended', next: null });
    await tasks.complete(first, '2026-03-02T12:00:00Z');
    const { body } = await patch(first, { recurrence: { rule: 'FREQ=WEEKLY;COUNT=2' } });
    expect(body).toMatchObject({ state: 'active', next: { occurrence: '2026-03-09T09:00:00' } });
  });

  test('changes back to a default with null', async () => {
    const first = await start({ recurrence: { rule: 'FREQ=WEEKLY', missed: 'skip', overflow: 'skip' } });
    const { body } = await patch(first, { recurrence: { missed: null, overflow: null } });
    expect(body.recurrence).toMatchObject({ missed: 'latest', overflow: 'clamp' });
  });
});

describe('what is refused changes nothing', () => {
  test.each([
    ['an empty patch', {}, ['#']],
    ['an unknown field', { title: 'b', state: 'ended' }, ['#/state']],
    ['a bad rule', { recurrence: { rule: 'FREQ=SECONDLY' } }, ['#/recurrence/rule']],
    ['no rule', { recurrence: { rule: null } }, ['#/recurrence/rule']],
    [
      'a rule that never matches',
      { recurrence: { rule: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31' } },
      ['#/recurrence/rule'],
    ],
    [
      'a rule with nothing ahead',
      { recurrence: { rule: 'FREQ=WEEKLY;UNTIL=20260228T235959Z' } },
      ['#/recurrence/rule'],
    ],
    [
      'choices that do not go together',
      { recurrence: { mode: 'after_completion', overlap: 'allow' } },
      ['#/recurrence/overlap'],
    ],
    [
      'dates that are counted from nothing',
      { recurrence: { mode: 'after_completion', rdates: ['2026-03-05T09:00'] } },
      ['#/recurrence/rdates'],
    ],
    ['a reminder at an instant', { reminders: [{ at: '2026-03-02T07:00:00Z' }] }, ['#/reminders']],
    ['a start that does not exist', { start: { date: '2026-02-30', timeZone: 'UTC' } }, ['#/start/date']],
  ])('%s', async (_what, body, pointers) => {
    const first = await start();
    const before = await tasks.series(first);
    const answer = await patch<Problem>(first, body);
    expect(answer.status).toBe(422);
    expect(answer.body.errors?.map(({ pointer }) => pointer)).toEqual(pointers);
    expect([await tasks.series(first), await tasks.onlyOpen()]).toEqual([before, first]);
  });

  test('a schedule of which all slots are past', async () => {
    const first = await start();
    platform.now = new Date('2026-03-18T12:00:00Z');
    const answer = await patch<Problem>(first, { recurrence: { rule: 'FREQ=WEEKLY;COUNT=2' } });
    expect([answer.status, answer.body.detail]).toEqual([422, 'The series would have no slot ahead: end it instead.']);
    expect((await tasks.series(first)).version).toBe(1);
  });

  test('another version than the one it is at', async () => {
    const first = await start();
    expect((await patch(first, { title: 'b' }, { 'if-match': '"2"' })).status).toBe(412);
    const { headers } = await patch(first, { title: 'b' }, { 'if-match': '"1"' });
    expect(headers.get('etag')).toBe('"2"');
  });
});

test('a patch that says what is there already changes nothing', async () => {
  const first = await start();
  platform.published = [];
  const { body } = await patch(first, { title: first.title, recurrence: { rule: 'FREQ=WEEKLY' } });
  expect(body.version).toBe(1);
  expect(platform.published).toEqual([]);
});

test('the same request with its key takes effect once', async () => {
  const first = await start();
  const key = { 'idempotency-key': 'once' };
  const answers = [await patch(first, { title: 'b' }, key), await patch(first, { title: 'b' }, key)];
  expect(answers.map(({ body }) => body.version)).toEqual([2, 2]);
  expect(answers[1]?.headers.get('idempotency-replayed')).toBe('true');
});

test('a completion of the instance that is moved, at the same time, is not lost', async () => {
  const first = await start();
  const body = { recurrence: { rule: 'FREQ=WEEKLY;BYDAY=TH' } };
  const [changed, completed] = await Promise.all([
    patch(first, body),
    tasks.call<Task>(completeTask, `/tasks/${first.id}/complete`),
  ]);
  expect([changed.status, completed.status]).toEqual([200, 200]);
  expect(await tasks.instances()).toMatchObject([{ id: first.id, status: 'completed' }]);
});

test('another user’s series is not found, nor what is none', async () => {
  const first = await start();
  const other = recurringTasksOf(platform, 'bob');
  expect((await other.call(updateSeries, `/series/${first.seriesId}`, { title: 'b' })).status).toBe(404);
  expect((await tasks.call(updateSeries, `/series/${first.id}`, { title: 'b' })).status).toBe(404);
  expect((await tasks.call(updateSeries, '/series/x', { title: 'b' })).status).toBe(404);
  expect((await platform.app(updateSeries).request(`/series/${first.seriesId}`, { method: 'PATCH' })).status).toBe(401);
  expect((await tasks.series(first)).title).toBe('Water the plants');
});

test('an ended series keeps its end while what its instances are like changes', async () => {
  const first = await start();
  await tasks.call(endSeries, `/series/${first.seriesId}/end`);
  const { body } = await patch(first, { title: 'b' });
  expect(body).toMatchObject({ state: 'ended', next: null, title: 'b' });
});
