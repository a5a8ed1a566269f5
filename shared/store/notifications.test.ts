import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import onTaskCompleted from '../../functions/onTaskCompleted/onTaskCompleted.ts';
import onTaskCreated from '../../functions/onTaskCreated/onTaskCreated.ts';
import onTaskDeleted from '../../functions/onTaskDeleted/onTaskDeleted.ts';
import onTaskUpdated from '../../functions/onTaskUpdated/onTaskUpdated.ts';
import { channelsOf } from '../../infra/testing/channels.ts';
import { taskSnapshot } from '../../infra/testing/taskSnapshot.ts';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { TaskEvent } from '../events/event.ts';

let platform: TestPlatform;
let channels: ReturnType<typeof channelsOf>;
beforeAll(async () => {
  platform = await testPlatform();
  channels = channelsOf(platform);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, { published: [], jobs: new Map(), now: new Date('2026-11-25T09:00:00.000Z') });
});

const url = 'http://127.0.0.1:9/';
const functions = {
  'task.created': onTaskCreated,
  'task.updated': onTaskUpdated,
  'task.completed': onTaskCompleted,
  'task.deleted': onTaskDeleted,
};
type Kind = keyof typeof functions;

const event = (kind: Kind, data: object = {}, fields: object = {}) =>
  ({
    ...{ event_id: randomUUID(), event_type: kind, timestamp: '2026-11-25T08:59:59.000Z', user_id: 'alice' },
    task_id: randomUUID(),
    ...fields,
    data: {
      ...taskSnapshot(kind === 'task.completed' ? { completed_at: '2026-11-25T08:59:00.000Z' } : {}),
      ...(kind === 'task.updated' && { changed: ['title'], previous: taskSnapshot() }),
      ...data,
    },
  }) as TaskEvent;
const deliver = async (told: TaskEvent) => {
  const response = await platform.app(functions[told.event_type as Kind]).deliver(told);
  expect(await response.json()).toEqual({ status: 'SUCCESS' });
};
const inbox = async () => {
  const rows = await platform.database.query<{ message: string }>('select message from notifications order by message');
  return rows.map(({ message }) => message);
};
const sent = async () =>
  (await channels.deliveries()).map(({ kind, channel, target }) => [kind, channel, target]).sort();

test('without preferences the inbox has what is new, and nothing is sent anywhere', async () => {
  for (const kind of ['task.created', 'task.updated', 'task.completed', 'task.deleted'] as const) {
    await deliver(event(kind));
  }
  expect(await inbox()).toEqual(['New task: Buy milk']);
  expect(await channels.deliveries()).toEqual([]);
  expect(platform.published).toEqual([]);
});

test('each kind goes where the user wants it, and tells what happened', async () => {
  const { id } = await channels.createWebhook({ url });
  await channels.confirmedEmail('ann@example.org');
  await channels.prefer({
    channels: {
      'task.created': [],
      'task.updated': ['inbox', 'email'],
      'task.completed': ['webhook'],
      'task.deleted': ['inbox'],
    },
  });
  for (const kind of ['task.created', 'task.updated', 'task.completed', 'task.deleted'] as const) {
    await deliver(event(kind));
  }
  expect(await inbox()).toEqual(['Changed: Buy milk (title)', 'Deleted: Buy milk']);
  expect(await sent()).toEqual([
    ['task.completed', 'webhook', id],
    ['task.updated', 'email', 'ann@example.org'],
  ]);
  expect(
    channels.taken('delivery.due').map(({ user_id, task_id, data }) => [user_id, task_id === data.delivery_id]),
  ).toEqual(Array(2).fill(['alice', true]));
});

test.each([
  [{ changed: ['due', 'dueAt', 'reminders'] }, 'Changed: Buy milk (due, reminders)'],
  [{ changed: ['somethingNewer'] }, 'Changed: Buy milk'],
  [{ changed: ['status', 'completedAt'] }, 'Reopened: Buy milk'],
  [{ changed: ['deletedAt'], previous: null }, 'Restored: Buy milk'],
])('a change is told in words: %j', async (data, message) => {
  await channels.prefer({ channels: { 'task.updated': ['inbox'] } });
  await deliver(event('task.updated', data));
  expect(await inbox()).toEqual([message]);
});

test('a webhook that names kinds is sent those, whatever the preferences say; one that is disabled, nothing', async () => {
  const { id } = await channels.createWebhook({ url, kinds: ['task.deleted'] });
  await channels.createWebhook({ url, kinds: ['task.deleted'] });
  await platform.database.query(
    `update webhooks set disabled_at = now(), disabled_because = 'by_user' where id <> $1`,
    [id],
  );
  await channels.prefer({ channels: { 'task.created': ['webhook'], 'task.deleted': [] } });
  await deliver(event('task.created'));
  await deliver(event('task.deleted'));
  expect(await sent()).toEqual([['task.deleted', 'webhook', id]]);
});

test('an event that is delivered again is sent once, also when its record was removed meanwhile', async () => {
  await channels.createWebhook({ url, kinds: ['task.deleted'] });
  const told = event('task.deleted');
  await Promise.all(Array.from({ length: 5 }, () => deliver(told)));
  await platform.database.query('delete from inbox');
  await deliver(told);
  expect(await sent()).toHaveLength(1);
  expect(channels.taken('delivery.due')).toHaveLength(1);
});

test('a delivery and its event are written with the effect of the event that it tells of, or not at all', async () => {
  await channels.createWebhook({ url, kinds: ['task.deleted'] });
  const told = event('task.deleted');
  await platform.database.query('alter table stats_slots rename to gone');
  try {
    expect((await platform.app(onTaskDeleted).deliver(told)).status).toBe(500);
  } finally {
    await platform.database.query('alter table gone rename to stats_slots');
  }
  expect(await platform.database.query('select from deliveries union all select from outbox')).toEqual([]);
  await deliver(told);
  expect(await sent()).toHaveLength(1);
});

test('with the broker away the event waits in the outbox', async () => {
  await channels.createWebhook({ url, kinds: ['task.deleted'] });
  platform.brokerAway = true;
  await deliver(event('task.deleted'));
  platform.brokerAway = false;
  expect(await platform.database.query('select event_type from outbox where published_at is null')).toEqual([
    { event_type: 'delivery.due' },
  ]);
});

test('other users’ webhooks, addresses and preferences play no part', async () => {
  await channels.createWebhook({ url }, 'bob');
  await channels.confirmedEmail('bob@example.org', 'bob');
  await channels.prefer({ channels: { 'task.created': ['webhook', 'email'], 'task.deleted': ['webhook'] } }, 'bob');
  await deliver(event('task.created'));
  await deliver(event('task.deleted'));
  expect(await inbox()).toEqual(['New task: Buy milk']);
  expect(await platform.database.query('select from deliveries')).toEqual([]);
});

describe('in quiet hours', () => {
  const quietHours = { start: '22:00', end: '07:00' };

  test('the inbox has it at once, webhooks and e-mail wait for their end, and are then brought up by the sweep', async () => {
    await channels.prefer({ quietHours, timeZone: 'Europe/Madrid' });
    await channels.confirmedEmail('ann@example.org');
    await channels.createWebhook({ url, kinds: ['task.created'] });
    await channels.prefer({ channels: { 'task.created': ['inbox', 'email'] } });
    platform.now = new Date('2026-11-25T22:15:30.500Z');
    await deliver(event('task.created'));
    expect(await inbox()).toHaveLength(1);
    expect(channels.taken('delivery.due')).toEqual([]);
    const untilSeven = Date.parse('2026-11-26T06:00:00.000Z') - platform.now.getTime();
    expect(platform.jobs.get('wake-up')).toMatchObject({ due: untilSeven });
    expect((await channels.deliveries()).map(({ nextAttemptAt }) => nextAttemptAt)).toEqual(
      Array(2).fill('2026-11-26T06:00:00.000Z'),
    );
    platform.now = new Date('2026-11-26T05:59:59.999Z');
    expect(await channels.sweep()).toBe(0);
    platform.now = new Date('2026-11-26T06:00:00.000Z');
    expect(await channels.sweep()).toBe(2);
    expect(platform.emails).toHaveLength(1);
  });

  test('another attempt waits as well', async () => {
    await channels.prefer({ quietHours });
    await channels.createWebhook({ url, kinds: ['task.created'] });
    platform.now = new Date('2026-11-25T21:59:58.000Z');
    await deliver(event('task.created'));
    await channels.send();
    expect(await channels.deliveries()).toMatchObject([
      { status: 'pending', attempts: 1, nextAttemptAt: '2026-11-26T07:00:00.000Z' },
    ]);
  });
});

describe('the first moment that is not quiet', () => {
  const quietUntil = async (at: string, zone: string, start: string, end: string) => {
    const [row] = await platform.database.query<{ at: Date }>('select after_quiet($1, $2, $3, $4) as at', [
      ...[at, zone, start, end],
    ]);
    return row?.at.toISOString();
  };

  test.each([
    ['is now, where it is not quiet', '2026-11-25T12:00:00.123Z', 'UTC', '22:00', '07:00', '2026-11-25T12:00:00.123Z'],
    ['over midnight, before', '2026-11-25T23:30:00.000Z', 'UTC', '22:00', '07:00', '2026-11-26T07:00:00.000Z'],
    ['over midnight, after', '2026-11-25T03:30:00.000Z', 'UTC', '22:00', '07:00', '2026-11-25T07:00:00.000Z'],
    ['within a day', '2026-11-25T13:30:00.000Z', 'UTC', '13:00', '15:00', '2026-11-25T15:00:00.000Z'],
    ['begins with the first minute', '2026-11-25T22:00:00.000Z', 'UTC', '22:00', '07:00', '2026-11-26T07:00:00.000Z'],
    ['is over with the last', '2026-11-25T07:00:00.000Z', 'UTC', '22:00', '07:00', '2026-11-25T07:00:00.000Z'],
    [
      'a night of nine hours where clocks go forward',
      '2026-03-28T21:30:00.000Z',
      'Europe/Madrid',
      '22:00',
      '07:00',
      '2026-03-29T05:00:00.000Z',
    ],
    [
      'a night where clocks go back',
      '2026-10-24T21:30:00.000Z',
      'Europe/Madrid',
      '22:00',
      '07:00',
      '2026-10-25T06:00:00.000Z',
    ],
    [
      'an end that the clocks skip',
      '2026-03-29T00:30:00.000Z',
      'Europe/Madrid',
      '22:00',
      '02:30',
      '2026-03-29T01:00:00.000Z',
    ],
    [
      'an end that comes twice',
      '2026-10-25T00:10:00.000Z',
      'Europe/Madrid',
      '22:00',
      '02:30',
      '2026-10-25T00:30:00.000Z',
    ],
    [
      'the second time of it',
      '2026-10-25T01:10:00.000Z',
      'Europe/Madrid',
      '22:00',
      '02:30',
      '2026-10-25T01:30:00.000Z',
    ],
    [
      'a zone with an odd offset',
      '2026-11-25T20:00:00.000Z',
      'Asia/Kathmandu',
      '22:00',
      '07:00',
      '2026-11-26T01:15:00.000Z',
    ],
    [
      'a day that a zone skipped',
      '2011-12-30T09:00:00.000Z',
      'Pacific/Apia',
      '22:00',
      '07:00',
      '2011-12-30T17:00:00.000Z',
    ],
  ])('%s', async (_what, at, zone, start, end, expected) => {
    expect(await quietUntil(at, zone, start, end)).toBe(expected);
  });

  test('is what the clocks of any zone show, near changes too', async () => {
    const minute = 60_000;
    const changes = [
      '2026-03-29T01:00:00Z',
      '2026-10-25T01:00:00Z',
      '2026-03-08T10:00:00Z',
      '2026-11-01T09:00:00Z',
      '2026-04-04T15:00:00Z',
    ];
    const zones = [
      'Europe/Madrid',
      'America/New_York',
      'America/Los_Angeles',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'UTC',
    ];
    const time = fc.integer({ min: 0, max: 1439 });
    const text = (minutes: number) =>
      `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
    const cases = fc.sample(
      fc.record({
        at: fc
          .tuple(fc.constantFrom(...changes), fc.integer({ min: -36 * 60, max: 24 * 60 }))
          .map(([change, offset]) => new Date(Date.parse(change) + offset * minute)),
        zone: fc.constantFrom(...zones),
        start: time,
        length: fc.integer({ min: 1, max: 1439 }),
      }),
      { seed: 2026, numRuns: 300 },
    );
    const given = cases.map(({ at, zone, start, length }) => ({
      ...{ at: at.toISOString(), zone, start: text(start), end: text((start + length) % 1440) },
    }));
    const found = await platform.database.query<{ found: Date }>(
      `select after_quiet(at, zone, start, "end") as found
       from jsonb_to_recordset($1::jsonb) as c (at timestamptz, zone text, start time, "end" time)`,
      [given],
    );
    const clocks = new Map(zones.map((zone) => [zone, clockOf(zone)]));
    const expected = cases.map(({ at, zone, start, length }) => {
      const isQuiet = (instant: number) => ((clocks.get(zone)?.(instant) ?? 0) - start + 1440) % 1440 < length;
      let instant = at.getTime();
      while (isQuiet(instant)) instant += minute;
      return new Date(instant).toISOString();
    });
    expect(found.map(({ found }) => found.toISOString())).toEqual(expected);
  });
});

/** The minutes since midnight that clocks of a zone show at an instant. */
function clockOf(timeZone: string): (instant: number) => number {
  const format = new Intl.DateTimeFormat('en', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return (instant) => {
    const [hour, minute] = format.format(instant).split(':').map(Number);
    return (hour ?? 0) * 60 + (minute ?? 0);
  };
}
