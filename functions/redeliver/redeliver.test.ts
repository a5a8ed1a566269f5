import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { channelsOf } from '../../infra/testing/channels.ts';
import { type Receiver, respondWith, startReceiver } from '../../infra/testing/receiver.ts';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Delivery } from '../../shared/domain/delivery.ts';
import type { Problem } from '../../shared/runtime/problem.ts';
import getDelivery from '../getDelivery/getDelivery.ts';
import listDeliveries from '../listDeliveries/listDeliveries.ts';
import redeliver from './redeliver.ts';

let platform: TestPlatform;
let channels: ReturnType<typeof channelsOf>;
let receiver: Receiver;
beforeAll(async () => {
  platform = await testPlatform();
  channels = channelsOf(platform);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, { published: [], now: new Date() });
  receiver = await startReceiver();
  await channels.createWebhook({ url: receiver.url });
});
afterEach(() => receiver.close());

const again = (id: string, userId = 'alice', headers = {}) =>
  platform.app(redeliver).call<Delivery & Problem>(userId, `/deliveries/${id}/redeliver`, undefined, headers);
const get = (id: string, userId = 'alice') => platform.app(getDelivery).call<Delivery>(userId, `/deliveries/${id}`);
const delivered = async () => {
  await channels.remind();
  await channels.send();
  return (await channels.deliveries())[0]?.id ?? '';
};

test('what was delivered is sent again, with the same id', async () => {
  const id = await delivered();
  expect(await again(id)).toMatchObject({
    status: 200,
    body: { id, status: 'pending', attempts: 0, deliveredAt: null },
  });
  expect((await get(id)).body).toMatchObject({ status: 'pending' });
  await channels.send();
  expect(receiver.received.map(({ headers }) => headers['webhook-id'])).toEqual([id, id]);
  expect((await get(id)).body).toMatchObject({ status: 'delivered', attempts: 1 });
});

test('what has failed for good begins anew', async () => {
  receiver.answer = respondWith(500);
  const id = await delivered();
  await platform.database.query(`update deliveries set status = 'failed', next_attempt_at = null, attempts = 10`);
  receiver.answer = respondWith(204);
  await again(id);
  await channels.send();
  expect((await get(id)).body).toMatchObject({ status: 'delivered', attempts: 1, lastError: null });
});

test('what waits for its next attempt is sent now', async () => {
  receiver.answer = respondWith(500);
  const id = await delivered();
  receiver.answer = respondWith(204);
  await again(id);
  expect(await channels.send()).toBe(1);
  expect((await get(id)).body).toMatchObject({ status: 'delivered' });
});

test('what is being sent just now is left alone', async () => {
  const id = await delivered();
  await platform.database.query(
    `update deliveries set status = 'pending', delivered_at = null, next_attempt_at = now(), leased_until = now() + interval '1 minute'`,
  );
  expect((await again(id)).status).toBe(409);
  expect(await channels.send()).toBe(0);
});

test('with an idempotency key it is sent again once', async () => {
  const id = await delivered();
  const key = { 'idempotency-key': 'k' };
  const first = await again(id, 'alice', key);
  expect((await again(id, 'alice', key)).body).toEqual(first.body);
  expect(await channels.send()).toBe(1);
});

test('lists show what there is, newest first, and what is asked for', async () => {
  const list = async (query = '') =>
    (
      await platform
        .app(listDeliveries)
        .call<{ items: Delivery[]; next: string | null }>('alice', `/deliveries${query}`)
    ).body;
  await channels.confirmedEmail('ann@example.org');
  const first = await channels.remind();
  await channels.send();
  receiver.answer = respondWith(500);
  platform.now = new Date((platform.now ?? new Date()).getTime() + 1_000);
  const second = await channels.remind({ title: 'Call Bob' });
  await channels.send();

  const summary = ({ items }: { items: Delivery[] }) =>
    items.map(({ taskId, channel, status }) => [taskId, channel, status]);
  expect(
    summary(await list())
      .slice(0, 2)
      .every(([taskId]) => taskId === second.id),
  ).toBe(true);
  expect((await list()).items).toHaveLength(4);
  expect(summary(await list('?status=pending'))).toEqual([[second.id, 'webhook', 'pending']]);
  expect(summary(await list(`?channel=email&taskId=${first.id}`))).toEqual([[first.id, 'email', 'delivered']]);
  const page = await list('?limit=3');
  const rest = await list(`?limit=3&cursor=${page.next}`);
  expect([...page.items, ...rest.items]).toEqual((await list()).items);
  expect(rest.next).toBeNull();
  const refused = await platform.app(listDeliveries).call('alice', '/deliveries?status=lost');
  expect(refused.status).toBe(422);
});

test('of another user, and of nobody, it is not found', async () => {
  const id = await delivered();
  for (const [user, which] of [
    ['bob', id],
    ['alice', randomUUID()],
    ['alice', 'x'],
  ] as const) {
    expect((await get(which, user)).status).toBe(404);
    expect((await again(which, user)).status).toBe(404);
  }
  expect(await channels.deliveries('bob')).toEqual([]);
  expect(await channels.send()).toBe(0);
});

test('a token is needed', async () => {
  for (const [definition, path, method] of [
    [redeliver, `/deliveries/${randomUUID()}/redeliver`, 'POST'],
    [getDelivery, `/deliveries/${randomUUID()}`, 'GET'],
    [listDeliveries, '/deliveries', 'GET'],
  ] as const) {
    expect((await platform.app(definition).request(path, { method })).status).toBe(401);
  }
});
