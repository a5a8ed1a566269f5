import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { channelsOf } from '../../infra/testing/channels.ts';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Webhook } from '../../shared/domain/webhook.ts';
import type { Problem } from '../../shared/runtime/problem.ts';
import deleteWebhook from '../deleteWebhook/deleteWebhook.ts';
import getWebhook from '../getWebhook/getWebhook.ts';
import listWebhooks from '../listWebhooks/listWebhooks.ts';
import rotateWebhookSecret from '../rotateWebhookSecret/rotateWebhookSecret.ts';
import updateWebhook from './updateWebhook.ts';

const url = 'https://hooks.example.org/';

let platform: TestPlatform;
let webhook: Webhook;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  platform.environment = { WEBHOOK_ALLOW_PRIVATE_ADDRESSES: 'false' };
  const { secret: _secret, ...created } = await channelsOf(platform).createWebhook({ url });
  webhook = created;
});

type Answer = Webhook & Problem & { secret?: string | null };
const update = (patch: unknown, headers = {}, userId = 'alice', id = webhook.id) =>
  platform.app(updateWebhook).call<Answer>(userId, `/webhooks/${id}`, patch, headers);
const get = async () => (await platform.app(getWebhook).call<Webhook>('alice', `/webhooks/${webhook.id}`)).body;
const list = async (userId = 'alice') =>
  (await platform.app(listWebhooks).call<{ items: Webhook[] }>(userId, '/webhooks')).body.items;

test('what a patch names is changed, everything else stays', async () => {
  const { status, body } = await update({ description: 'CI', kinds: ['task.deleted'] });
  expect([status, body]).toEqual([
    200,
    { ...webhook, description: 'CI', kinds: ['task.deleted'], version: 2, updatedAt: expect.any(String) },
  ]);
  expect(await get()).toEqual(body);
  expect(await list()).toEqual([body]);
  await update({ description: null, kinds: null });
  expect(await get()).toMatchObject({ description: null, kinds: null, url });
});

test('a webhook is disabled and enabled again', async () => {
  expect((await update({ enabled: false })).body).toMatchObject({ enabled: false, disabledBecause: 'by_user' });
  expect((await update({ enabled: false })).body.version).toBe(2);
  expect((await update({ enabled: true })).body).toMatchObject({ enabled: true, disabledBecause: null, version: 3 });
});

test('one that was disabled as failing begins anew when it is enabled', async () => {
  await platform.database.query(
    `update webhooks set disabled_at = now(), disabled_because = 'failing', failing_since = now()`,
  );
  expect((await update({ enabled: true })).body).toMatchObject({ enabled: true, failingSince: null });
  expect(await platform.database.query('select disabled_at, failing_since from webhooks')).toEqual([
    { disabled_at: null, failing_since: null },
  ]);
});

test('a patch that changes nothing makes no new version, and If-Match is heeded', async () => {
  expect((await update({ url, enabled: true })).body.version).toBe(1);
  expect((await update({ description: 'x' }, { 'if-match': '"2"' })).status).toBe(412);
  expect((await update({ description: 'x' }, { 'if-match': '"1"' })).status).toBe(200);
});

test.each<[unknown, string]>([
  [{}, '#'],
  [{ url: null }, '#/url'],
  [{ url: 'https://127.0.0.1/' }, '#/url'],
  [{ url: 'http://hooks.example.org/' }, '#/url'],
  [{ enabled: null }, '#/enabled'],
  [{ version: 2 }, '#/version'],
])('%j is refused', async (patch, pointer) => {
  const { status, body } = await update(patch);
  expect([status, body.errors?.[0]?.pointer]).toEqual([422, pointer]);
  expect(await get()).toEqual(webhook);
});

test('a new secret is told once, and makes a new version', async () => {
  const rotate = (headers = {}) =>
    platform
      .app(rotateWebhookSecret)
      .call<Answer>('alice', `/webhooks/${webhook.id}/rotate-secret`, undefined, headers);
  const key = { 'idempotency-key': 'k' };
  const first = await rotate(key);
  expect(first.body).toMatchObject({ id: webhook.id, version: 2, secret: expect.stringMatching(/^whsec_/) });
  expect((await rotate(key)).body).toEqual({ ...first.body, secret: null });
  expect((await rotate({ 'if-match': '"1"' })).status).toBe(412);
});

test('a deleted webhook is gone', async () => {
  const remove = () => platform.app(deleteWebhook).call<Webhook>('alice', `/webhooks/${webhook.id}`);
  expect(await remove()).toMatchObject({ status: 200, body: webhook });
  expect((await remove()).status).toBe(404);
  expect(await list()).toEqual([]);
});

describe('of another user, and of nobody, it is not found', () => {
  test.each(['bob', 'nobody'])('%s', async (who) => {
    const [user, id] = who === 'bob' ? ['bob', webhook.id] : ['alice', randomUUID()];
    const calls = [
      update({ enabled: false }, {}, user, id),
      platform.app(getWebhook).call(user, `/webhooks/${id}`),
      platform.app(deleteWebhook).call(user, `/webhooks/${id}`),
      platform.app(rotateWebhookSecret).call(user, `/webhooks/${id}/rotate-secret`),
    ];
    expect((await Promise.all(calls)).map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect(await list('bob')).toEqual([]);
    expect(await get()).toEqual(webhook);
  });
});

test('a token is needed', async () => {
  const app = platform.app(updateWebhook);
  expect((await app.request(`/webhooks/${webhook.id}`, { method: 'PATCH' })).status).toBe(401);
});
