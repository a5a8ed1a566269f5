import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eachEngine } from '../../infra/testing/engines.ts';
import { type RecurringTasks, recurringTasksOf } from '../../infra/testing/recurringTasks.ts';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { SeriesView } from '../../shared/domain/series.ts';
import type { Task } from '../../shared/domain/task.ts';
import completeTask from '../completeTask/completeTask.ts';
import reopenTask from '../reopenTask/reopenTask.ts';
import splitSeries from '../splitSeries/splitSeries.ts';
import recurringCron from './recurringCron.ts';

const slots = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => `2026-03-${String(from + index).padStart(2, '0')}T09:00:00`);

eachEngine('a cron that was down for a week, and then ticks several times at once', (place) => {
  let platform: TestPlatform;
  let tasks: RecurringTasks;
  beforeAll(async () => {
    platform = await testPlatform(place);
    tasks = recurringTasksOf(platform);
  });
  afterAll(() => platform.close());
  beforeEach(async () => {
    await platform.database.reset();
    Object.assign(platform, { published: [], logged: [], now: undefined });
  });

  const start = (recurrence: object, now = '2026-03-01T12:00:00Z') =>
    tasks.start(
      {
        title: 'Water the plants',
        due: { dateTime: '2026-03-02T09:00', timeZone: 'UTC' },
        recurrence: { rule: 'FREQ=DAILY', ...recurrence },
      },
      now,
    );
  const ticksAt = (now: string) => Promise.all(Array.from({ length: 6 }, () => tasks.tick(now)));

  describe('with one instance open at a time', () => {
    const overlap = 'single_open';

    test('latest: makes the most recent', async () => {
      const first = await start({ missed: 'latest', overlap });
      await tasks.complete(first, '2026-03-02T10:00:00Z');
      await ticksAt('2026-03-09T12:00:00Z');
      expect(await tasks.open()).toEqual(slots(9, 9));
      expect(await tasks.series(first)).toMatchObject({ made: 2, passedOver: 6 });
    });

    test('skip: makes none of the missed, and then the next one ahead', async () => {
      const first = await start({ missed: 'skip', overlap });
      await tasks.complete(first, '2026-03-02T10:00:00Z');
      await ticksAt('2026-03-09T12:00:00Z');
      expect(await tasks.open()).toEqual([]);
      expect(await tasks.series(first)).toMatchObject({ passedOver: 7, next: { occurrence: '2026-03-10T09:00:00' } });
      await ticksAt('2026-03-10T08:00:00Z');
      expect(await tasks.open()).toEqual(slots(10, 10));
    });

    test('all: makes one after the other, each when the one before is done', async () => {
      const first = await start({ missed: 'all', overlap });
      await tasks.complete(first, '2026-03-02T10:00:00Z');
      await ticksAt('2026-03-09T12:00:00Z');
      for (const slot of slots(3, 9)) {
        expect(await tasks.open()).toEqual([slot]);
        await tasks.complete(await tasks.onlyOpen(), '2026-03-09T12:30:00Z');
      }
      expect(await tasks.open()).toEqual([]);
      expect(await tasks.series(first)).toMatchObject({ made: 8, passedOver: 0 });
    });
  });

  describe('with instances that overlap', () => {
    const overlap = 'allow';

    test('latest: makes the most recent, beside the one that is open', async () => {
      const first = await start({ missed: 'latest', overlap });
      await ticksAt('2026-03-09T12:00:00Z');
      expect(await tasks.open()).toEqual([...slots(2, 2), ...slots(9, 9)]);
      expect(await tasks.series(first)).toMatchObject({ made: 2, passedOver: 6 });
      await ticksAt('2026-03-10T08:00:00Z');
      expect(await tasks.open()).toEqual([...slots(2, 2), ...slots(9, 10)]);
    });

    test('skip: makes none of the missed, and then the next one ahead', async () => {
      const first = await start({ missed: 'skip', overlap });
      await ticksAt('2026-03-09T12:00:00Z');
      expect(await tasks.open()).toEqual(slots(2, 2));
      await ticksAt('2026-03-10T08:00:00Z');
      expect(await tasks.open()).toEqual([...slots(2, 2), ...slots(10, 10)]);
      expect(await tasks.series(first)).toMatchObject({ made: 2, passedOver: 7 });
    });

    test('all: makes every one', async () => {
      const first = await start({ missed: 'all', overlap });
      await ticksAt('2026-03-09T12:00:00Z');
      expect(await tasks.open()).toEqual(slots(2, 9));
      expect(await tasks.series(first)).toMatchObject({ made: 8, passedOver: 0 });
    });

    test('all: makes a hundred at a tick, and the others at the next ones', async () => {
      const due = { dateTime: '2025-11-01T09:00', timeZone: 'UTC' };
      const recurrence = { rule: 'FREQ=DAILY', missed: 'all', overlap };
      const first = await tasks.start({ title: 'Diary', due, recurrence }, '2025-11-01T12:00:00Z');
      const made: number[] = [];
      for (const minute of ['00', '01', '02']) {
        await ticksAt(`2026-03-09T12:${minute}:00Z`);
        made.push((await tasks.series(first)).made);
      }
      expect(made).toEqual([101, 129, 129]);
      const [{ days } = {}] = await platform.database.query(
        'select count(distinct occurrence_local)::int as days from tasks',
      );
      expect(days).toBe(129);
    });
  });

  test('counted from completions, the one that was due is made', async () => {
    const first = await start({ rule: 'FREQ=DAILY;INTERVAL=3', mode: 'after_completion' });
    await tasks.complete(first, '2026-03-02T10:00:00Z');
    await ticksAt('2026-03-09T12:00:00Z');
    expect(await tasks.open()).toEqual(slots(5, 5));
  });

  test('a completion, its event and the cron at once make one instance', async () => {
    for (const mode of ['fixed', 'after_completion']) {
      await platform.database.reset();
      const first = await start({ mode });
      platform.now = new Date('2026-03-09T12:00:00Z');
      await Promise.all([
        tasks.complete(first, '2026-03-09T12:00:00Z'),
        ...Array.from({ length: 4 }, () => platform.app(recurringCron).tick()),
      ]);
      await tasks.tick('2026-03-10T08:30:00Z');
      expect(await tasks.open()).toHaveLength(1);
      expect(await tasks.series(first)).toMatchObject({ made: 2 });
    }
  });

  test('of two that are open, completed at once, the last lets the next be made', async () => {
    for (let round = 0; round < 5; round += 1) {
      const first = await start({});
      await tasks.complete(first, '2026-03-03T09:30:00Z');
      const second = await tasks.onlyOpen();
      await tasks.call(reopenTask, `/tasks/${first.id}/reopen`);
      await Promise.all([first, second].map(({ id }) => tasks.call(completeTask, `/tasks/${id}/complete`)));
      await tasks.tick('2026-03-04T08:00:00Z');
      expect(await tasks.open()).toEqual(slots(4, 4));
      await tasks.remove(await tasks.onlyOpen(), '2026-03-04T08:00:00Z');
    }
  });

  test('a split and the cron at once make each slot once', async () => {
    for (let round = 0; round < 5; round += 1) {
      await platform.database.reset();
      const first = await start({});
      await tasks.complete(first, '2026-03-02T10:00:00Z');
      platform.now = new Date('2026-03-03T08:30:00Z');
      const body = { from: '2026-03-03T09:00:00', title: 'Water the garden' };
      const [split] = await Promise.all([
        tasks.call<SeriesView>(splitSeries, `/series/${first.seriesId}/split`, body),
        ...Array.from({ length: 3 }, () => platform.app(recurringCron).tick()),
      ]);
      expect(split.status).toBe(201);
      await tasks.tick('2026-03-03T08:45:00Z');
      const open: Task = await tasks.onlyOpen();
      expect(open).toMatchObject({
        occurrence: '2026-03-03T09:00:00',
        seriesId: split.body.id,
        title: 'Water the garden',
      });
      expect(await tasks.series(first)).toMatchObject({ state: 'ended' });
    }
  });
});
