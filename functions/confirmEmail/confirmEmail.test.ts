import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import { CODE_ATTEMPTS, CODE_VALID_MS, CODES_PER_DAY, emailCode } from '../../shared/domain/emailCode.ts';
import type { Preferences } from '../../shared/domain/preferences.ts';
import type { Problem } from '../../shared/runtime/problem.ts';
import { connect, runAs } from '../../shared/store/database.ts';
import { keepCode } from '../../shared/store/emailCodes.ts';
import updatePreferences from '../updatePreferences/updatePreferences.ts';
import confirmEmail from './confirmEmail.ts';

const NOW = new Date('2026-11-25T09:00:00.000Z');
const address = 'ann@example.org';
const code = emailCode(Uint8Array.from([0, 1, 2, 3, 31, 32, 255, 254]));
const wrong = emailCode(new Uint8Array(8));

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  platform.now = NOW;
  await platform.app(updatePreferences).call('alice', '/preferences', { email: { address } });
});

const after = (ms: number) => new Date(NOW.getTime() + ms);
const keep = (userId = 'alice', fields = {}, now = NOW) => {
  const sql = connect(platform.database);
  return runAs(sql, { userId })(keepCode(sql, userId, { address, code, ...fields }, now));
};
const confirm = (given = code, userId = 'alice', headers = {}) =>
  platform
    .app(confirmEmail)
    .call<Preferences & Problem>(userId, '/preferences/email/confirm', { code: given }, headers);
const confirmedAt = async () => {
  const [row] = await platform.database.query('select email_confirmed_at from preferences');
  return row?.email_confirmed_at;
};

test('the code confirms the address, in whatever case it is typed', async () => {
  await keep();
  const { status, body } = await confirm(` ${code.toLowerCase()} `);
  expect([status, body.email]).toEqual([200, { address, confirmedAt: NOW.toISOString() }]);
  expect(await confirmedAt()).toEqual(NOW);
});

test('confirming again changes nothing, and needs no right code any more', async () => {
  await keep();
  const { body } = await confirm();
  platform.now = after(1_000);
  expect((await confirm(wrong)).body).toEqual(body);
});

test('a wrong code is refused, and after five of them the right one too', async () => {
  await keep();
  for (let attempt = 0; attempt < CODE_ATTEMPTS; attempt += 1) {
    const { status, body } = await confirm(wrong);
    expect([status, body.errors?.[0]?.pointer]).toEqual([422, '#/code']);
  }
  expect((await confirm()).status).toBe(422);
  expect(await confirmedAt()).toBeNull();
});

test('many guesses at once are no more than five', async () => {
  await keep();
  await Promise.all(Array.from({ length: 20 }, () => confirm(wrong)));
  expect(await platform.database.query('select attempts from email_codes')).toEqual([{ attempts: CODE_ATTEMPTS }]);
});

test('a code is of use for an hour', async () => {
  await keep();
  platform.now = after(CODE_VALID_MS);
  expect((await confirm()).status).toBe(422);
  platform.now = after(CODE_VALID_MS - 1);
  expect((await confirm()).status).toBe(200);
});

test('a new code is the only one from then on, with new attempts', async () => {
  await keep('alice', { code: wrong });
  for (let attempt = 0; attempt < CODE_ATTEMPTS; attempt += 1) await confirm(code);
  await keep();
  expect((await confirm(wrong)).status).toBe(422);
  expect((await confirm()).status).toBe(200);
});

test('a code for another address, or for another user, confirms nothing', async () => {
  await keep('alice', { address: 'ann@example.com' });
  await keep('bob');
  expect((await confirm()).status).toBe(422);
  expect((await confirm(code, 'bob')).status).toBe(422);
  expect(await confirmedAt()).toBeNull();
});

test('five codes are sent in a day', async () => {
  const kept = async (now: Date) => (await keep('alice', {}, now))[0]?.length;
  const day = 24 * 60 * 60 * 1000;
  for (let code = 0; code < CODES_PER_DAY; code += 1) expect(await kept(after(code))).toBe(1);
  expect(await kept(after(day - 1))).toBe(0);
  expect(await kept(after(day))).toBe(1);
  expect(await kept(after(day + 1))).toBe(1);
});

test('codes are kept as hashes, which differ from user to user', async () => {
  await keep();
  await keep('bob');
  const rows = await platform.database.query<{ hash: Buffer; row: string }>(
    'select hash, c::text as row from email_codes c',
  );
  expect(rows.map(({ row }) => row.includes(code))).toEqual([false, false]);
  expect(rows[0]?.hash).not.toEqual(rows[1]?.hash);
});

test('with an idempotency key the answer is kept', async () => {
  await keep();
  const key = { 'idempotency-key': 'k' };
  const first = await confirm(code, 'alice', key);
  expect((await confirm(code, 'alice', key)).body).toEqual(first.body);
});

test.each(['', 'ABC', `${code}A`, 'ABCDEFG0', 'ABCDEF\u0000H'])('what is no code is refused: %j', async (given) => {
  expect((await confirm(given)).status).toBe(422);
});

test('a token is needed', async () => {
  const response = await platform.app(confirmEmail).request('/preferences/email/confirm', { method: 'POST' });
  expect(response.status).toBe(401);
});
