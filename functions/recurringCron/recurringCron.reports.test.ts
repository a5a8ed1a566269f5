import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RecurringTasks, recurringTasksOf } from '../../infra/testing/recurringTasks.ts';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import completeTask from '../completeTask/completeTask.ts';
import reopenTask from '../reopenTask/reopenTask.ts';
import updateSeries from '../updateSeries/updateSeries.ts';

// What public reports, by repository and number, show to go wrong in other programs.

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

const daily = {
  title: 'Water the plants',
  due: { dateTime: '2026-03-02T09:00', timeZone: 'UTC' },
  recurrence: { rule: 'FREQ=DAILY' },
};
const recurring = (rule: string, dateTime: string, timeZone: string, choices: object = {}) => ({
  ...{ title: 'Recurring', due: { dateTime, timeZone }, recurrence: { rule, ...choices } },
});
const triggers = () => platform.published.filter(({ type }) => type === 'recurring.trigger').length;

test('completing one instance never ends the series (elementary/tasks#105, pimutils/todoman#236)', async () => {
  const first = await tasks.start(daily, '2026-03-01T12:00:00Z');
  for (const day of ['02', '03', '04', '05']) {
    expect((await tasks.onlyOpen()).occurrence).toBe(`2026-03-${day}T09:00:00`);
    await tasks.complete(await tasks.onlyOpen(), `2026-03-${day}T10:00:00Z`);
    await tasks.tick(`2026-03-${String(Number(day) + 1).padStart(2, '0')}T08:00:00Z`);
  }
  expect(await tasks.series(first)).toMatchObject({ state: 'active', made: 5, passedOver: 0 });
});

test.each([
  ['obsidian-tasks-group/obsidian-tasks#1998', 'fixed'],
  ['taskgenius/taskgenius-plugin#549', 'after_completion'],
])('completing, reopening and completing again brings one next instance (%s, %s)', async (_report, mode) => {
  const recurrence = { rule: 'FREQ=DAILY', mode };
  const first = await tasks.start({ ...daily, recurrence }, '2026-03-01T12:00:00Z');
  await tasks.complete(first, '2026-03-02T09:30:00Z');
  await tasks.call(reopenTask, `/tasks/${first.id}/reopen`);
  await tasks.tick('2026-03-03T08:30:00Z');
  expect(await tasks.open()).toEqual(['2026-03-02T09:00:00']);
  await tasks.complete(first, '2026-03-02T10:00:00Z');
  await tasks.tick('2026-03-03T08:30:00Z');
  await tasks.tick('2026-03-03T09:30:00Z');
  expect(await tasks.open()).toEqual(['2026-03-03T09:00:00']);
  expect(triggers()).toBe(1);
});

test('completing twice is a no-op (obsidian-tasks-group/obsidian-tasks#1653)', async () => {
  const first = await tasks.start(daily, '2026-03-01T12:00:00Z');
  await tasks.complete(first, '2026-03-03T09:30:00Z');
  const again = await tasks.complete(first, '2026-03-03T09:40:00Z');
  expect(again.completedAt).toBe('2026-03-03T09:30:00.000Z');
  expect(await tasks.open()).toEqual(['2026-03-03T09:00:00']);
  expect((await tasks.instances()).length).toBe(2);
});

test.each([
  ['fixed', ['2026-03-05T09:00:00'], 2],
  ['after_completion', [], 0],
])(
  'a daily task three days overdue needs one completion to be current: %s (tasks/tasks#3017, tasks/tasks#1581)',
  async (mode, open, passedOver) => {
    const first = await tasks.start({ ...daily, recurrence: { rule: 'FREQ=DAILY', mode } }, '2026-03-01T12:00:00Z');
    await tasks.complete(first, '2026-03-05T12:00:00Z');
    await tasks.tick('2026-03-05T13:00:00Z');
    expect(await tasks.open()).toEqual(open);
    expect(await tasks.series(first)).toMatchObject({ next: { occurrence: '2026-03-06T09:00:00' }, passedOver });
  },
);

test('instances do not pile up while one is left undone (tasks/tasks#1498, tasks/tasks#2031)', async () => {
  await tasks.start(daily, '2026-03-01T12:00:00Z');
  for (const day of ['03', '04', '05', '06']) await tasks.tick(`2026-03-${day}T12:00:00Z`);
  expect(await tasks.open()).toEqual(['2026-03-02T09:00:00']);
});

describe('a Sunday rule completed early, on Friday', () => {
  const sundays = (mode: string) => recurring('FREQ=WEEKLY;BYDAY=SU', '2026-03-08T09:00', 'Europe/Madrid', { mode });

  test.each(['fixed', 'after_completion'])('does not come back on the same Sunday: %s', async (mode) => {
    const first = await tasks.start(sundays(mode), '2026-03-02T12:00:00Z');
    await tasks.complete(first, '2026-03-06T12:00:00Z');
    await tasks.tick('2026-03-08T07:30:00Z');
    expect(await tasks.open()).toEqual([]);
    expect((await tasks.series(first)).next).toEqual({
      occurrence: '2026-03-15T09:00:00',
      at: '2026-03-15T08:00:00.000Z',
    });
    await tasks.tick('2026-03-15T07:00:00Z');
    expect(await tasks.open()).toEqual(['2026-03-15T09:00:00']);
  });
});

test.each([
  ['2026-05-17', '2026-05-21T09:00:00'],
  ['2026-05-19', '2026-05-21T09:00:00'],
  ['2026-05-20', '2026-05-21T09:00:00'],
  ['2026-05-22', '2026-05-23T09:00:00'],
])(
  'every day after completion, due on 20 May and done on %s, is next due at %s (obsidian-tasks-group/obsidian-tasks#1924)',
  async (day, next) => {
    const choices = { mode: 'after_completion' };
    const first = await tasks.start(
      recurring('FREQ=DAILY', '2026-05-20T09:00', 'UTC', choices),
      '2026-05-16T12:00:00Z',
    );
    await tasks.complete(first, `${day}T12:00:00Z`);
    expect((await tasks.series(first)).next?.occurrence).toBe(next);
  },
);

describe('every 4 weeks on Sunday after completion (obsidian-tasks-group/obsidian-tasks#609)', () => {
  test.each([
    ['on its Sunday', '2026-03-08', '2026-04-05T09:00:00'],
    ['on Wednesday, late', '2026-03-11', '2026-04-12T09:00:00'],
    ['on Wednesday, early', '2026-03-04', '2026-04-05T09:00:00'],
  ])('done %s, is not due in a few days', async (_when, day, next) => {
    const rule = 'FREQ=WEEKLY;INTERVAL=4;BYDAY=SU';
    const choices = { mode: 'after_completion' };
    const first = await tasks.start(recurring(rule, '2026-03-08T09:00', 'UTC', choices), '2026-03-01T12:00:00Z');
    await tasks.complete(first, `${day}T12:00:00Z`);
    expect((await tasks.series(first)).next?.occurrence).toBe(next);
  });
});

test('done early, the interval begins anew on that day (super-productivity/super-productivity#8452)', async () => {
  const choices = { mode: 'after_completion' };
  const first = await tasks.start(
    recurring('FREQ=DAILY;INTERVAL=90', '2026-06-01T09:00', 'UTC', choices),
    '2026-03-01T12:00:00Z',
  );
  await tasks.complete(first, '2026-05-12T12:00:00Z');
  expect((await tasks.series(first)).next?.occurrence).toBe('2026-08-10T09:00:00');
});

describe('the day of a completion is the local one (tasks/tasks#1374, callumalpass/tasknotes#925)', () => {
  test.each([
    ['Pacific/Auckland', '2026-02-16T11:30:00Z', '2026-02-18T20:00:00'],
    ['Pacific/Auckland', '2026-02-16T10:30:00Z', '2026-02-17T20:00:00'],
    ['America/Los_Angeles', '2026-02-17T07:30:00Z', '2026-02-17T20:00:00'],
    ['America/Los_Angeles', '2026-02-17T08:30:00Z', '2026-02-18T20:00:00'],
  ])('in %s, done at %s, every day after completion is next due at %s', async (zone, at, next) => {
    const choices = { mode: 'after_completion' };
    const first = await tasks.start(recurring('FREQ=DAILY', '2026-02-16T20:00', zone, choices), '2026-02-15T00:00:00Z');
    await tasks.complete(first, at);
    expect((await tasks.series(first)).next?.occurrence).toBe(next);
  });
});

describe('days are counted in the calendar, across a clock change', () => {
  test.each([
    ['spring', 'Europe/Madrid', '2026-03-10T20:00:00Z', '2026-04-09T09:00:00', '2026-04-09T07:00:00.000Z'],
    ['autumn', 'Europe/Madrid', '2025-10-10T20:00:00Z', '2025-11-09T09:00:00', '2025-11-09T08:00:00.000Z'],
  ])('every 30 days after completion, in %s', async (_season, zone, at, occurrence, instant) => {
    const choices = { mode: 'after_completion' };
    const day = at.slice(0, 'YYYY-MM-DD'.length);
    const first = await tasks.start(
      recurring('FREQ=DAILY;INTERVAL=30', `${day}T09:00`, zone, choices),
      `${day}T00:00:00Z`,
    );
    await tasks.complete(first, at);
    expect((await tasks.series(first)).next).toEqual({ occurrence, at: instant });
  });

  test('a daily task done on the day before does not come back on it (obsidian-tasks-group/obsidian-tasks#2309)', async () => {
    const choices = { mode: 'after_completion' };
    const first = await tasks.start(
      recurring('FREQ=DAILY', '2023-09-30T09:00', 'Australia/Sydney', choices),
      '2023-09-29T00:00:00Z',
    );
    await tasks.complete(first, '2023-09-30T05:00:00Z');
    expect((await tasks.series(first)).next).toEqual({
      occurrence: '2023-10-01T09:00:00',
      at: '2023-09-30T22:00:00.000Z',
    });
  });
});

test('the next instance has the reminders of the series, at its own times (uphy/obsidian-reminder#27)', async () => {
  const reminders = [{ before: 'P1D' }, { before: 'PT30M' }];
  const weekly = recurring('FREQ=WEEKLY', '2026-03-23T09:00', 'Europe/Madrid');
  const first = await tasks.start({ ...weekly, reminders }, '2026-03-20T12:00:00Z');
  await tasks.complete(first, '2026-03-21T12:00:00Z');
  await tasks.tick('2026-03-29T06:00:00Z');
  const next = await tasks.onlyOpen();
  expect(next.reminders).toMatchObject([
    { spec: { before: 'P1D' }, remindAt: '2026-03-29T07:00:00.000Z', status: 'pending' },
    { spec: { before: 'PT30M' }, remindAt: '2026-03-30T06:30:00.000Z', status: 'pending' },
  ]);
  expect(next.reminders.map(({ id }) => id)).not.toEqual(first.reminders.map(({ id }) => id));
});

test('an instance is dated to its slot, and has the true time of its completion beside it', async () => {
  await tasks.start(daily, '2026-03-01T12:00:00Z');
  await tasks.complete(await tasks.onlyOpen(), '2026-03-09T23:15:00Z');
  const [done] = await tasks.instances();
  expect(done).toMatchObject({
    ...{ occurrence: '2026-03-02T09:00:00', dueAt: '2026-03-02T09:00:00.000Z' },
    completedAt: '2026-03-09T23:15:00.000Z',
  });
});

test.each([
  ['zone', { start: { dateTime: '2026-03-02T09:00', timeZone: 'America/New_York' } }],
  ['rule', { recurrence: { rule: 'FREQ=WEEKLY;BYDAY=FR' } }],
])(
  'changing the %s of a running series keeps past instances (GothenburgBitFactory/taskwarrior TW-33)',
  async (_what, patch) => {
    const first = await tasks.start(daily, '2026-03-01T12:00:00Z');
    await tasks.complete(first, '2026-03-02T10:00:00Z');
    await tasks.tick('2026-03-03T08:00:00Z');
    await tasks.complete(await tasks.onlyOpen(), '2026-03-03T10:00:00Z');
    await tasks.tick('2026-03-04T08:30:00Z');
    platform.now = new Date('2026-03-04T11:00:00Z');
    const before = await tasks.instances();
    expect((await tasks.call(updateSeries, `/series/${first.seriesId}`, patch)).status).toBe(200);
    expect(await tasks.instances()).toEqual(before);
  },
);

describe('a day that a month lacks comes back to itself through completions', () => {
  test.each([
    ['month end, clamped', 'FREQ=MONTHLY', '2025-01-31', 'clamp', ['2025-02-28', '2025-03-31', '2025-04-30']],
    ['month end, skipped', 'FREQ=MONTHLY', '2025-01-31', 'skip', ['2025-03-31', '2025-05-31', '2025-07-31']],
    [
      'leap day, clamped',
      'FREQ=YEARLY',
      '2020-02-29',
      'clamp',
      ['2021-02-28', '2022-02-28', '2023-02-28', '2024-02-29'],
    ],
    ['leap day, skipped', 'FREQ=YEARLY', '2016-02-29', 'skip', ['2020-02-29', '2024-02-29']],
  ])('%s (go-vikunja/vikunja#3436, ulsklyc/yuvomi#978)', async (_what, rule, date, overflow, slots) => {
    await tasks.start(
      { title: 'Recurring', due: { date, timeZone: 'UTC' }, recurrence: { rule, overflow } },
      `${date}T00:00:00Z`,
    );
    for (const slot of slots) {
      const done = await tasks.onlyOpen();
      await tasks.complete(done, `${done.occurrence}T12:00:00Z`);
      await tasks.tick(`${slot}T00:00:00Z`);
      expect(await tasks.open()).toEqual([slot]);
    }
  });
});

test('who completes it need not wait for the cron', async () => {
  const first = await tasks.start(daily, '2026-03-01T12:00:00Z');
  await tasks.complete(first, '2026-03-05T09:30:00Z');
  expect(await tasks.open()).toEqual(['2026-03-05T09:00:00']);
  await tasks.remove(await tasks.onlyOpen(), '2026-03-06T10:00:00Z');
  expect(await tasks.open()).toEqual(['2026-03-06T09:00:00']);
  expect(await tasks.series(first)).toMatchObject({ made: 3, passedOver: 2 });
});

test('two completions at once bring one next instance, also of a series that counts from them', async () => {
  for (const mode of ['fixed', 'after_completion']) {
    const first = await tasks.start({ ...daily, recurrence: { rule: 'FREQ=DAILY', mode } }, '2026-03-01T12:00:00Z');
    platform.now = new Date('2026-03-02T10:00:00Z');
    const path = `/tasks/${first.id}/complete`;
    await Promise.all(Array.from({ length: 5 }, () => tasks.call(completeTask, path)));
    await tasks.tick('2026-03-03T08:30:00Z');
    expect(await tasks.open()).toEqual(['2026-03-03T09:00:00']);
    expect(await tasks.series(first)).toMatchObject({ made: 2 });
    await tasks.remove(await tasks.onlyOpen(), '2026-03-03T08:40:00Z');
  }
});
