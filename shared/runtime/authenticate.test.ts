import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, exportSPKI, generateKeyPair, type JWK, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Authenticate, tokenAuthentication } from './authenticate.ts';

const now = new Date('2026-11-25T09:00:00.000Z');
const inSeconds = (seconds: number) => Math.floor(now.getTime() / 1000) + seconds;
const claims = { iss: 'issuer', aud: 'audience', sub: 'alice', exp: inSeconds(60) };

type Key = Awaited<ReturnType<typeof makeKey>>;
async function makeKey(kid: string) {
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' };
  return { kid, privateKey, publicKey, jwk };
}
const sign = (key: Key, payload: object = claims) =>
  new SignJWT({ ...payload }).setProtectedHeader({ alg: 'ES256', kid: key.kid }).sign(key.privateKey);

let server: Server;
let published: JWK[];
let fetches = 0;
let first: Key;
let authenticate: Authenticate;
beforeAll(async () => {
  first = await makeKey('first');
  published = [first.jwk];
  server = createServer((_request, response) => {
    fetches += 1;
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: published }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  authenticate = tokenAuthentication({
    JWKS_URL: `http://127.0.0.1:${port}/jwks.json`,
    JWT_ISSUER: 'issuer',
    JWT_AUDIENCE: 'audience',
  });
});
afterAll(() => void server.close());
afterEach(() => void vi.useRealTimers());

const bearer = async (token: string) => authenticate(`Bearer ${token}`, now);

test('the issuer is asked for its keys before there is a token, and not again for the first one', async () => {
  await vi.waitFor(() => expect(fetches).toBe(1));
  await bearer(await sign(first));
  expect(fetches).toBe(1);
});

test('a token speaks for its subject, with its scopes', async () => {
  expect(await bearer(await sign(first))).toEqual({ userId: 'alice', scopes: [] });
  const scoped = await sign(first, { ...claims, scope: 'tasks:read admin' });
  expect((await bearer(scoped)).scopes).toEqual(['tasks:read', 'admin']);
});

describe('a token is refused', () => {
  test.each([
    ['of another issuer', { iss: 'other' }],
    ['for another audience', { aud: 'other' }],
    ['that has run out', { exp: inSeconds(-1) }],
    ['that is not valid yet', { nbf: inSeconds(60) }],
    ['that never runs out', { exp: undefined }],
    ['without a subject', { sub: undefined }],
    ['with an empty subject', { sub: '' }],
    ['with a subject that is no text', { sub: 7 }],
    ['with a subject that no column can hold', { sub: 'a\0b' }],
    ['with a subject beyond all bounds', { sub: 'x'.repeat(256) }],
  ])('%s', async (_what, change) => {
    await expect(bearer(await sign(first, { ...claims, ...change }))).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });

  test('that somebody else signed under the name of a known key', async () => {
    const forger = await makeKey('first');
    await expect(bearer(await sign(forger))).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('that is signed with the public key as a shared secret, or not at all', async () => {
    const secret = new TextEncoder().encode(await exportSPKI(first.publicKey));
    const shared = await new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256', kid: 'first' }).sign(secret);
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const unsigned = `${encode({ alg: 'none', kid: 'first' })}.${encode(claims)}.`;
    for (const token of [shared, unsigned]) {
      await expect(bearer(token)).rejects.toMatchObject({ code: 'unauthenticated' });
    }
  });

  test.each([undefined, '', 'Bearer', 'Bearer ', 'Basic YTpi', 'Bearer a b', 'Bearer a.b', 'Bearer ä.ö.ü'])(
    'that is none: %s',
    async (header) => {
      await expect(authenticate(header, now)).rejects.toMatchObject({ code: 'unauthenticated' });
    },
  );
});

test('a key that the issuer has changed to is taken, and one that it has withdrawn is not', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() });
  const second = await makeKey('second');
  published = [first.jwk, second.jwk];
  vi.setSystemTime(Date.now() + 31_000);
  expect((await bearer(await sign(second))).userId).toBe('alice');
  expect((await bearer(await sign(first))).userId).toBe('alice');

  published = [second.jwk];
  vi.setSystemTime(Date.now() + 10 * 60_000 + 1);
  await expect(bearer(await sign(first))).rejects.toMatchObject({ code: 'unauthenticated' });
  expect((await bearer(await sign(second))).userId).toBe('alice');
});

test('tokens with unknown keys make it ask the issuer at most twice a minute', async () => {
  const stranger = await makeKey('stranger');
  const before = fetches;
  for (let attempt = 0; attempt < 20; attempt += 1) {
    await expect(bearer(await sign(stranger))).rejects.toMatchObject({ code: 'unauthenticated' });
  }
  expect(fetches - before).toBeLessThanOrEqual(1);
});
