import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Stats } from '../../shared/domain/stats.ts';
import { connect, runAs } from '../../shared/store/database.ts';
import { refuseUnknownZone } from '../../shared/store/timeZone.ts';
import getStats from './getStats.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  // Long ago: a token of today would have expired in days to come.
  platform.now = new Date('2024-11-25T12:00:00Z');
});

const stats = async (query: string, userId = 'alice') => {
  const { status, body } = await platform.app(getStats).call<Stats>(userId, `/stats?${query}`);
  expect(status).toBe(200);
  return body;
};
const slot = (at: string, counts: { created?: number; completed?: number; late?: number }, userId = 'alice') =>
  platform.database.query(
    'insert into stats_slots (user_id, slot, created, completed, late) values ($1, $2, $3, $4, $5)',
    [userId, at, counts.created ?? 0, counts.completed ?? 0, counts.late ?? 0],
  );
const openTask = (dueAt: string | null, { userId = 'alice', deletedAt = null as string | null } = {}) =>
  platform.database.query(
    `insert into tasks (id, user_id, title, priority, tags, status, due_at, due_local, due_time_zone, version,
                        created_at, updated_at, deleted_at)
     values ($1, $2, 'Buy milk', 'low', '{}', 'open', $3, $4, $5, 1, '2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z', $6)`,
    [randomUUID(), userId, dueAt, dueAt?.slice(0, 19) ?? null, dueAt && 'UTC', deletedAt],
  );

describe('days', () => {
  test('are all there, also those on which nothing happened', async () => {
    await slot('2024-11-24T09:15:00Z', { created: 2, completed: 1 });
    const { timeZone, days } = await stats('timeZone=UTC&from=2024-11-23&to=2024-11-25');
    expect(timeZone).toBe('UTC');
    expect(days).toEqual([
      { date: '2024-11-23', created: 0, completed: 0, overdue: 0 },
      { date: '2024-11-24', created: 2, completed: 1, overdue: 0 },
      { date: '2024-11-25', created: 0, completed: 0, overdue: 0 },
    ]);
  });

  test('are the last thirty, where no others are asked for', async () => {
    const { days } = await stats('timeZone=Asia/Tokyo');
    expect([days.length, days[0]?.date, days.at(-1)?.date]).toEqual([30, '2024-10-27', '2024-11-25']);
  });

  test.each([
    ['Pacific/Kiritimati', '2024-11-24T10:00:00Z', '2024-11-25'],
    ['Pacific/Kiritimati', '2024-11-24T09:45:00Z', '2024-11-24'],
    ['Pacific/Pago_Pago', '2024-11-25T10:45:00Z', '2024-11-24'],
    ['Asia/Kathmandu', '2024-11-24T18:15:00Z', '2024-11-25'],
    ['Asia/Kathmandu', '2024-11-24T18:00:00Z', '2024-11-24'],
  ])('begin and end at midnight in %s: %s is on %s', async (zone, at, date) => {
    await slot(at, { created: 1 });
    const { days } = await stats(`timeZone=${zone}&from=2024-11-24&to=2024-11-25`);
    expect(days.filter(({ created }) => created > 0).map((day) => day.date)).toEqual([date]);
    // Also where the range ends with the day next to it.
    const { days: only } = await stats(`timeZone=${zone}&from=${date}&to=${date}`);
    expect(only).toMatchObject([{ date, created: 1 }]);
  });

  test.each([
    ['Europe/Madrid', '2026-03-29', '2026-03-28T23:00:00Z', '2026-03-29T21:45:00Z'],
    ['Europe/Madrid', '2026-10-25', '2026-10-24T22:00:00Z', '2026-10-25T22:45:00Z'],
    ['America/Santiago', '2026-09-06', '2026-09-06T04:00:00Z', '2026-09-07T02:45:00Z'],
    ['America/Havana', '2026-11-01', '2026-11-01T04:00:00Z', '2026-11-02T04:45:00Z'],
    ['Australia/Lord_Howe', '2026-04-05', '2026-04-04T13:00:00Z', '2026-04-05T13:15:00Z'],
  ])('are longer or shorter where the clocks change: in %s, %s is from %s to %s', async (zone, date, first, last) => {
    const quarter = 15 * 60 * 1000;
    await slot(new Date(Date.parse(first) - quarter).toISOString(), { created: 100 });
    await slot(first, { created: 1 });
    await slot(last, { created: 1 });
    await slot(new Date(Date.parse(last) + quarter).toISOString(), { created: 100 });
    const { days } = await stats(`timeZone=${zone}&from=${date}&to=${date}`);
    expect(days).toMatchObject([{ date, created: 2 }]);
  });

  test('count as overdue what was completed late, and what is open and past due', async () => {
    await slot('2024-11-24T10:00:00Z', { late: 1 });
    await openTask('2024-11-24T15:00:00Z');
    await openTask('2024-11-25T00:00:00Z'); // All of the 24th.
    await openTask('2024-11-25T12:00:00Z'); // Due at this moment.
    await openTask('2024-11-24T15:00:00Z', { deletedAt: '2024-11-25T00:00:00Z' });
    await openTask(null);
    const { days, open, overdue } = await stats('timeZone=UTC&from=2024-11-24&to=2024-11-25');
    expect(days).toMatchObject([{ overdue: 3 }, { overdue: 0 }]);
    expect([open, overdue]).toEqual([4, 2]);
  });

  test('never count less than nothing, when one topic’s events overtake another’s', async () => {
    await slot('2024-11-25T10:00:00Z', { created: -1, completed: -1, late: -1 });
    const { days, streak } = await stats('timeZone=UTC&from=2024-11-25&to=2024-11-25');
    expect(days).toEqual([{ date: '2024-11-25', created: 0, completed: 0, overdue: 0 }]);
    expect(streak).toEqual({ current: 0, longest: 0 });
  });
});

describe('a streak', () => {
  const completedOn = async (...dates: string[]) => {
    for (const date of dates) await slot(`${date}T22:30:00Z`, { completed: 1 });
  };

  test('is of no days where nothing was ever completed', async () => {
    await slot('2024-11-25T10:00:00Z', { created: 1 });
    expect((await stats('timeZone=UTC')).streak).toEqual({ current: 0, longest: 0 });
  });

  test('goes on until a whole day passes without a completion', async () => {
    await completedOn('2024-11-22', '2024-11-23', '2024-11-24');
    expect((await stats('timeZone=UTC')).streak).toEqual({ current: 3, longest: 3 });
    await completedOn('2024-11-25');
    expect((await stats('timeZone=UTC')).streak).toEqual({ current: 4, longest: 4 });
    platform.now = new Date('2024-11-27T00:00:00Z');
    expect((await stats('timeZone=UTC')).streak).toEqual({ current: 0, longest: 4 });
  });

  test('is the longest of all history, whatever range is asked for', async () => {
    await completedOn('2024-02-28', '2024-02-29', '2024-03-01', '2024-11-25');
    const { streak } = await stats('timeZone=UTC&from=2024-11-25&to=2024-11-25');
    expect(streak).toEqual({ current: 1, longest: 3 });
  });

  test('depends on the zone’s days', async () => {
    await slot('2024-11-23T23:30:00Z', { completed: 1 });
    await slot('2024-11-25T00:30:00Z', { completed: 1 });
    expect((await stats('timeZone=UTC')).streak).toEqual({ current: 1, longest: 1 });
    expect((await stats('timeZone=Europe/Madrid')).streak).toEqual({ current: 2, longest: 2 });
  });
});

test('every zone that a query may name is known to Postgres', async () => {
  const zones = Intl.supportedValuesOf('timeZone');
  const unknown = await platform.database.query(
    `select zone from jsonb_array_elements_text($1::jsonb) zone
     where not exists (select from pg_timezone_names where lower(name) = lower(zone))`,
    [zones],
  );
  expect(zones.length).toBeGreaterThan(400);
  expect(unknown).toEqual([]);
});

describe('what is refused', () => {
  test.each([
    ['no zone', '', '/timeZone'],
    ['an offset for a zone', 'timeZone=%2B01:00', '/timeZone'],
    ['SQL for a zone', `timeZone=${encodeURIComponent("UTC'; drop table tasks; --")}`, '/timeZone'],
    ['a date that does not exist', 'timeZone=UTC&from=2026-02-30', '/from'],
    ['a range that ends before it begins', 'timeZone=UTC&from=2026-11-02&to=2026-11-01', '/from'],
    ['more than a year', 'timeZone=UTC&from=2025-11-01&to=2026-11-02', '/from'],
    ['what is not known', 'timeZone=UTC&user=bob', '/user'],
  ])('%s', async (_what, query, pointer) => {
    const { status, body } = await platform.app(getStats).call('alice', `/stats?${query}`);
    expect(status).toBe(422);
    expect(body).toMatchObject({ errors: [{ pointer: expect.stringContaining(pointer) }] });
  });

  test('a zone that is too new for this Postgres', async () => {
    const sql = connect(platform.database);
    const asking = runAs(sql, { userId: 'alice' })(sql`select now() at time zone ${'Moon/Tranquility'}`);
    await expect(asking.catch(refuseUnknownZone)).rejects.toMatchObject({
      code: 'invalid',
      faults: [{ pointer: '/timeZone' }],
    });
  });
});

describe('whose statistics they are', () => {
  test('another user’s are not counted', async () => {
    await slot('2024-11-25T10:00:00Z', { created: 5, completed: 5, late: 5 }, 'bob');
    await openTask('2024-11-25T10:00:00Z', { userId: 'bob' });
    const { days, streak, open, overdue } = await stats('timeZone=UTC&from=2024-11-25&to=2024-11-25');
    expect(days).toEqual([{ date: '2024-11-25', created: 0, completed: 0, overdue: 0 }]);
    expect([streak.current, streak.longest, open, overdue]).toEqual([0, 0, 0, 0]);
    expect((await stats('timeZone=UTC&from=2024-11-25&to=2024-11-25', 'bob')).days).toMatchObject([{ created: 5 }]);
  });

  test('row-level security hides them where a statement forgets whose they are', async () => {
    await slot('2024-11-25T10:00:00Z', { created: 5 }, 'bob');
    const sql = connect(platform.database);
    const seen = (userId: string) => runAs(sql, { userId })(sql`select created from stats_slots`);
    expect(await seen('alice')).toEqual([[]]);
    expect(await seen('bob')).toEqual([[{ created: 5 }]]);
    const stealing = sql`insert into stats_slots (user_id, slot) values ('bob', now())`;
    await expect(runAs(sql, { userId: 'alice' })(stealing)).rejects.toThrow('row-level security');
  });

  test('a token is needed', async () => {
    expect((await platform.app(getStats).request('/stats?timeZone=UTC', {})).status).toBe(401);
  });
});
