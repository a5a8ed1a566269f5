import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { channelsOf } from '../../infra/testing/channels.ts';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import { connect, runAs } from '../../shared/store/database.ts';
import { putOff } from '../../shared/store/deliveries.ts';
import deliveryCron from './deliveryCron.ts';

const SECOND = 1000;
const DAY = 24 * 60 * 60 * SECOND;
const NOW = new Date('2026-11-25T09:00:00.000Z');

let platform: TestPlatform;
let app: TestApp;
let channels: ReturnType<typeof channelsOf>;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(deliveryCron);
  channels = channelsOf(platform);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, { published: [], brokerAway: false, now: NOW });
});

/** Writes deliveries that are due so long after `NOW`. */
async function write(count: number, { dueIn = 0, status = 'pending', age = 0 } = {}): Promise<void> {
  await platform.database.query(
    `insert into deliveries (id, user_id, event_id, kind, channel, target, message, data, occurred_at, status,
                             next_attempt_at, created_at, delivered_at)
     select gen_random_uuid(), 'alice', gen_random_uuid(), 'task.created', 'webhook', gen_random_uuid(), 'm', '{}', $1, $2,
            case when $2 = 'pending' then $3::timestamptz end, $4, case when $2 = 'delivered' then $1::timestamptz end
     from generate_series(1, $5)`,
    [NOW, status, new Date(NOW.getTime() + dueIn), new Date(NOW.getTime() - age), count],
  );
}
async function tickAt(ms: number): Promise<number> {
  platform.now = new Date(NOW.getTime() + ms);
  expect((await app.tick()).status).toBe(200);
  return channels.taken('delivery.due').length;
}

test('a delivery gets its event when its time has come, and not a millisecond before', async () => {
  await write(1, { dueIn: 1_000 });
  expect(await tickAt(999)).toBe(0);
  expect(await tickAt(1_000)).toBe(1);
});

test('it gets one event, however many crons tick', async () => {
  await write(50);
  await Promise.all(Array.from({ length: 5 }, () => app.tick()));
  expect(channels.taken('delivery.due')).toHaveLength(50);
});

test('more than one batch is worked off in one tick', async () => {
  await write(1_200);
  expect(await tickAt(0)).toBe(1_200);
});

test('an event that seems lost is written again after two minutes', async () => {
  await write(1);
  expect(await tickAt(0)).toBe(1);
  expect(await tickAt(60 * SECOND)).toBe(0);
  expect(await tickAt(120 * SECOND)).toBe(1);
});

test('one that nobody had room for gets another event at the time to which it was put off', async () => {
  await write(1);
  expect(await tickAt(0)).toBe(1);
  const [row] = await platform.database.query<{ id: string }>('select id from deliveries');
  const sql = connect(platform.database);
  await runAs(sql, { userId: 'bob' })(putOff(sql, 'bob', row?.id ?? '', NOW));
  expect(await tickAt(10 * SECOND)).toBe(0);
  await runAs(sql, { userId: 'alice' })(putOff(sql, 'alice', row?.id ?? '', NOW));
  expect(await tickAt(10 * SECOND - 1)).toBe(0);
  expect(await tickAt(10 * SECOND)).toBe(1);
});

test('with the broker away the events wait in the outbox', async () => {
  await write(3);
  platform.brokerAway = true;
  expect(await tickAt(0)).toBe(0);
  const waiting = await platform.database.query('select from outbox where published_at is null');
  expect(waiting).toHaveLength(3);
});

test('what has ended has no event, and is removed after thirty days', async () => {
  for (const status of ['delivered', 'failed', 'cancelled']) {
    await write(1, { status, age: 30 * DAY });
    await write(1, { status, age: 30 * DAY + 1 });
  }
  await write(1, { dueIn: DAY, age: 40 * DAY });
  expect(await tickAt(0)).toBe(0);
  const left = await platform.database.query('select status from deliveries order by status');
  expect(left.map(({ status }) => status)).toEqual(['cancelled', 'delivered', 'failed', 'pending']);
});

test('only the sidecar may let it tick', async () => {
  expect((await app.request('/bindings/delivery-scheduler', { method: 'POST' })).status).toBe(401);
});
