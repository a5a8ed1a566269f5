import { createHash } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { CalendarAddress } from '../../shared/domain/calendarAddress.ts';
import type { Problem } from '../../shared/runtime/problem.ts';
import createCalendarAddress from './createCalendarAddress.ts';

type Created = CalendarAddress & { url: string | null };

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(createCalendarAddress);
});
afterAll(() => platform.close());
beforeEach(() => platform.database.reset());

const create = (userId = 'alice', body: unknown = {}, headers = {}) =>
  app.call<Created>(userId, '/calendar-addresses', body, headers);
const stored = () => platform.database.query('select user_id, name, key_hash from calendar_addresses');

test('a user gets an address with a key of 256 bits, of which only the hash is kept', async () => {
  const { status, body } = await create('alice', { name: ' Phone ' });
  expect([status, body]).toEqual([
    201,
    {
      id: expect.any(String),
      name: 'Phone',
      createdAt: expect.any(String),
      lastUsedOn: null,
      url: expect.stringMatching(/^\/calendar\.ics\?key=[\w-]{43}$/),
    },
  ]);
  const key = body.url?.split('=')[1] ?? '';
  const [row] = await stored();
  expect(row).toMatchObject({ user_id: 'alice', name: 'Phone', key_hash: createHash('sha256').update(key).digest() });
  expect(JSON.stringify(await platform.database.query('select t::text from calendar_addresses t'))).not.toContain(key);
  expect(JSON.stringify(platform.logged)).not.toContain(key);
});

test('no two addresses have the same key', async () => {
  const [first, second] = [await create(), await create()];
  expect(first.body.url).not.toBe(second.body.url);
});

test('the same request again makes no second address, and does not show the key again', async () => {
  const key = { 'idempotency-key': 'k' };
  const first = await create('alice', {}, key);
  const again = await create('alice', {}, key);
  expect([again.status, again.body]).toEqual([201, { ...first.body, url: null }]);
  expect(await stored()).toHaveLength(1);
  const secret = first.body.url?.split('=')[1] ?? '-';
  const kept = await platform.database.query('select body from idempotency_keys');
  expect(JSON.stringify(kept)).not.toContain(secret);
});

test('a user has at most ten, also when they ask for more at once; others have their own', async () => {
  const answers = await Promise.all(Array.from({ length: 14 }, () => create()));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
  const refused = (await create()) as { status: number; body: unknown };
  expect([refused.status, (refused.body as Problem).detail]).toEqual([409, expect.stringContaining('10 calendar')]);
  expect(await stored()).toHaveLength(10);
  expect((await create('bob')).status).toBe(201);
});

test.each([
  ['an empty name', { name: '  ' }, '#/name'],
  ['a name that is too long', { name: 'a'.repeat(101) }, '#/name'],
  ['a NUL in the name', { name: 'a\0' }, '#/name'],
  ['a key of one’s own', { key: 'mine' }, '#/key'],
])('%s is refused and makes no address', async (_, body, pointer) => {
  const answer = (await create('alice', body)) as { status: number; body: unknown };
  expect(answer.status).toBe(422);
  expect((answer.body as Problem).errors?.map((fault) => fault.pointer)).toEqual([pointer]);
  expect(await stored()).toEqual([]);
});

test('a token is needed', async () => {
  const init = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } };
  expect((await app.request('/calendar-addresses', init)).status).toBe(401);
  expect(await stored()).toEqual([]);
});
