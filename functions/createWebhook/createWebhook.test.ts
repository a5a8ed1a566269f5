import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import { WEBHOOKS_PER_USER } from '../../shared/domain/limits.ts';
import type { Webhook } from '../../shared/domain/webhook.ts';
import type { Problem } from '../../shared/runtime/problem.ts';
import getWebhook from '../getWebhook/getWebhook.ts';
import createWebhook from './createWebhook.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  platform.environment = { WEBHOOK_ALLOW_PRIVATE_ADDRESSES: 'false' };
});

const url = 'https://hooks.example.org/todo?a=1';
const create = (body: unknown, headers = {}, userId = 'alice') =>
  platform.app(createWebhook).call<Webhook & { secret: string | null } & Problem>(userId, '/webhooks', body, headers);
const count = async () => (await platform.database.query('select from webhooks')).length;

test('a webhook is created with a secret, which is told this once', async () => {
  const { status, headers, body } = await create({ url, description: ' CI ', kinds: ['task.completed'] });
  expect([status, headers.get('location'), headers.get('etag')]).toEqual([201, `/webhooks/${body.id}`, '"1"']);
  const { secret, ...webhook } = body;
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/=]{44}$/);
  expect(webhook).toMatchObject({
    ...{ url, description: 'CI', kinds: ['task.completed'], enabled: true, disabledBecause: null, failingSince: null },
  });
  const read = await platform.app(getWebhook).call<Webhook>('alice', `/webhooks/${body.id}`);
  expect(read.body).toEqual(webhook);
});

test('the secret is encrypted in the database, also where the answer is kept for an idempotency key', async () => {
  const key = { 'idempotency-key': 'k' };
  const first = await create({ url }, key);
  const again = await create({ url }, key);
  expect(first.body.secret).not.toBeNull();
  expect(again.body).toEqual({ ...first.body, secret: null });
  expect(await count()).toBe(1);
  const secret = first.body.secret?.slice('whsec_'.length) ?? '';
  const hex = Buffer.from(secret, 'base64').toString('hex');
  for (const table of ['webhooks', 'idempotency_keys', 'outbox']) {
    const [row] = await platform.database.query<{ all: string | null }>(
      `select string_agg(t::text, '') as all from ${table} t`,
    );
    expect(row?.all ?? '').not.toContain(secret);
    expect(row?.all ?? '').not.toContain(hex);
  }
});

test('kinds and description can be left out', async () => {
  expect((await create({ url })).body).toMatchObject({ kinds: null, description: null });
});

test('a user has ten at most', async () => {
  for (let webhook = 0; webhook < WEBHOOKS_PER_USER; webhook += 1) expect((await create({ url })).status).toBe(201);
  const { status, body } = await create({ url });
  expect([status, body.type, body.detail]).toEqual([
    409,
    'urn:evolution-todo:problem:limit-reached',
    'You have 10 webhooks, and there may be no more: delete one first.',
  ]);
  expect((await create({ url }, {}, 'bob')).status).toBe(201);
  expect(await count()).toBe(WEBHOOKS_PER_USER + 1);
});

describe('refused, with a pointer to the fault, and not kept', () => {
  test.each<[unknown, string]>([
    [{}, '#/url'],
    [{ url: 'hooks.example.org' }, '#/url'],
    [{ url: 'ftp://hooks.example.org/' }, '#/url'],
    [{ url: 'javascript:alert(1)' }, '#/url'],
    [{ url: 'http://hooks.example.org/' }, '#/url'],
    [{ url: 'https://ann:secret@hooks.example.org/' }, '#/url'],
    [{ url: 'https://ann@hooks.example.org/' }, '#/url'],
    [{ url: 'https://hooks.example.org/#part' }, '#/url'],
    [{ url: 'https://hooks.example.org:99999/' }, '#/url'],
    [{ url: `https://hooks.example.org/${'a'.repeat(2048)}` }, '#/url'],
    [{ url: 'https://127.0.0.1/' }, '#/url'],
    [{ url: 'https://0x7f000001/' }, '#/url'],
    [{ url: 'https://2130706433/' }, '#/url'],
    [{ url: 'https://169.254.169.254/latest/meta-data/' }, '#/url'],
    [{ url: 'https://[::1]/' }, '#/url'],
    [{ url: 'https://[::ffff:10.0.0.1]/' }, '#/url'],
    [{ url: 'https://[64:ff9b::7f00:1]/' }, '#/url'],
    [{ url, kinds: [] }, '#/kinds'],
    [{ url, kinds: ['webhook.disabled'] }, '#/kinds/0'],
    [{ url, kinds: ['task.created', 'task.created'] }, '#/kinds'],
    [{ url, description: '' }, '#/description'],
    [{ url, secret: 'whsec_AAAA' }, '#/secret'],
    [{ url, enabled: false }, '#/enabled'],
  ])('%j', async (body, pointer) => {
    const answer = await create(body);
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, pointer]);
    expect(await count()).toBe(0);
  });
});

test('with leave for private addresses, they and http:// are taken', async () => {
  platform.environment = {};
  for (const url of ['http://127.0.0.1:3000/', 'http://localhost/', 'https://10.0.0.1/']) {
    expect((await create({ url })).status).toBe(201);
  }
});

test('the function does not start without a key that is one', () => {
  for (const key of ['', 'short', 'x'.repeat(44)]) {
    platform.environment = { WEBHOOK_SECRETS_KEY: key };
    expect(() => platform.app(createWebhook)).toThrow('WEBHOOK_SECRETS_KEY');
  }
});

test('a token is needed', async () => {
  expect((await platform.app(createWebhook).request('/webhooks', { method: 'POST' })).status).toBe(401);
});
