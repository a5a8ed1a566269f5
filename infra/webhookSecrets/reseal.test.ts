import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Keys, open, seal } from '../../shared/channels/secretBox.ts';
import { secretOwner } from '../../shared/channels/webhook.ts';
import type { SqlEngine } from '../local/postgres/engine.ts';
import { testEngine } from '../testing/testEngine.ts';
import { resealWebhooks } from './reseal.ts';

const [before, now, lost] = [randomBytes(32), randomBytes(32), randomBytes(32)];
const keys: Keys = [now, before];

let engine: SqlEngine;
let dispose: () => Promise<void>;
beforeAll(async () => {
  ({ engine, dispose } = await testEngine(process.env.TEST_DATABASE_URL ? 'server' : 'memory'));
});
afterAll(() => dispose());
beforeEach(() => engine.session((session) => session.exec('truncate webhooks cascade')));

/** Writes a webhook of alice's with these secrets, and resolves to its id. */
async function webhook(key: Buffer, secret: string, previous?: string): Promise<string> {
  const id = randomUUID();
  const sealed = (text: string) => seal(text, [key], secretOwner('alice', id)).toString('hex');
  await engine.query({
    text: `insert into webhooks (id, user_id, url, secret, previous_secret, previous_secret_until, version, created_at, updated_at)
           select $1, 'alice', 'https://example.com', decode($2, 'hex'), decode($3, 'hex'),
                  case when $3 is not null then now() end, 1, now(), now()`,
    params: [id, sealed(secret), previous ? sealed(previous) : null],
  });
  return id;
}

/** What a webhook's secrets are to whoever has these keys. */
async function secrets(id: string, some: Keys): Promise<(string | null)[]> {
  const { rows } = await engine.query({
    text: `select encode(secret, 'hex'), encode(previous_secret, 'hex') from webhooks where id = $1`,
    params: [id],
  });
  return (rows[0] ?? []).map((sealed) => sealed && open(Buffer.from(sealed, 'hex'), some, secretOwner('alice', id)));
}

test('afterwards the first key alone reads everything that any of them read', async () => {
  const old = await webhook(before, 'of before', 'long ago');
  const current = await webhook(now, 'of now');
  expect(await resealWebhooks(engine, keys, () => {})).toEqual({ resealed: 1, unreadable: [] });
  expect(await secrets(old, [now])).toEqual(['of before', 'long ago']);
  expect(await secrets(current, [now])).toEqual(['of now', null]);
  expect(await resealWebhooks(engine, keys, () => {})).toEqual({ resealed: 0, unreadable: [] });
});

test('what no key reads is named and stays as it is', async () => {
  const id = await webhook(lost, 'unknown');
  expect(await resealWebhooks(engine, keys, () => {})).toEqual({ resealed: 0, unreadable: [id] });
  expect(await secrets(id, [lost])).toEqual(['unknown', null]);
});

test('a secret that is rotated meanwhile stays as it was made', async () => {
  const id = await webhook(before, 'of before');
  const rotated = seal('rotated', [now], secretOwner('alice', id)).toString('hex');
  const rotating: SqlEngine = {
    ...engine,
    async query(query) {
      if (query.text.startsWith('update')) {
        await engine.query({ text: `update webhooks set secret = decode($1, 'hex')`, params: [rotated] });
      }
      return engine.query(query);
    },
  };
  expect(await resealWebhooks(rotating, keys, () => {})).toEqual({ resealed: 0, unreadable: [] });
  expect(await secrets(id, [now])).toEqual(['rotated', null]);
});

test('it goes through all of them, and tells how many it has seen', async () => {
  await Promise.all(Array.from({ length: 501 }, () => webhook(before, 'secret')));
  const seen: number[] = [];
  expect(await resealWebhooks(engine, keys, (count) => seen.push(count))).toMatchObject({ resealed: 501 });
  expect(seen).toEqual([500, 501]);
});
