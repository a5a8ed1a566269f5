import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Bench } from '../bench.ts';
import { stateStoreFile } from '../resources.ts';
import { refused, STORE, stateClient, UNKNOWN_ETAG } from './stateClient.ts';

/** State management, in Postgres: what is kept and given, and what is refused. */
export function describeState(bench: Bench): void {
  bench.file('statestore.yaml', stateStoreFile(STORE));
  const { at, post, save, get, remove, saved, valueAt } = stateClient(bench);

  describe('a value', () => {
    it.each([[{ n: 1, deep: [true, null] }], ['text'], ['Grüße <&> \u2028 \u0000'], [1.5], [null], [[]], ['']])(
      'is kept as JSON: %j',
      async (value) => {
        const { key } = await saved(value);
        const response = await get(key);
        expect(response.status).toBe(200);
        expect(response.headers.get('content-type')).toBe('application/json');
        expect(response.headers.get('etag')).toMatch(/^[0-9a-f-]{36}$/);
        expect(response.headers.has('metadata.ttlExpireTime')).toBe(false);
        expect(await response.json()).toEqual(value);
      },
    );

    it('that is not given is null', async () => {
      const key = randomUUID();
      await save({ key });
      expect(await valueAt(key)).toBeNull();
    });

    it('is replaced by a later one, and has another etag then', async () => {
      const { key, etag } = await saved(1);
      await save({ key, value: 2 });
      const response = await get(key);
      expect([await response.json(), response.headers.get('etag') === etag]).toEqual([2, false]);
    });

    it('that is absent is 204 without a body', async () => {
      const response = await get(randomUUID());
      expect([response.status, await response.text()]).toEqual([204, '']);
    });

    it('is gone when it is deleted, and can be deleted again', async () => {
      const { key } = await saved(1);
      for (const _ of [1, 2]) {
        expect((await remove(key)).status).toBe(204);
        expect((await get(key)).status).toBe(204);
      }
    });

    it('can have a key of any characters, and of the names that the API has', async () => {
      for (const key of ['a/b c%+?#ü', 'bulk', 'transaction']) {
        expect((await save({ key, value: key })).status).toBe(204);
        expect(await valueAt(key)).toBe(key);
      }
      expect(await (await bench.request(at('a%2Fb+c%25%2B%3F%23%C3%BC'))).json()).toBe('a/b c%+?#ü');
    });

    it('can be saved by PUT, and whatever the content type', async () => {
      const key = randomUUID();
      expect((await post(at(), [{ key, value: 1 }], 'PUT')).status).toBe(204);
      const headers = { 'content-type': 'text/plain' };
      const body = JSON.stringify([{ key, value: 2 }]);
      expect((await bench.request(at(), { method: 'POST', headers, body })).status).toBe(204);
      expect(await valueAt(key)).toBe(2);
    });
  });

  describe('several values', () => {
    it('are saved together, and none is fine', async () => {
      const keys = [randomUUID(), randomUUID()];
      expect((await save(...keys.map((key) => ({ key, value: key })))).status).toBe(204);
      for (const key of keys) expect(await valueAt(key)).toBe(key);
      for (const body of ['[]', 'null']) expect((await post(at(), body)).status).toBe(204);
    });

    it('are no transaction: what can be saved is', async () => {
      const { key } = await saved(1);
      const [before, behind] = [randomUUID(), randomUUID()];
      const stale = { key, value: 2, etag: UNKNOWN_ETAG };
      const answer = refused(save({ key: before, value: 1 }, stale, { key: behind, value: 1 }));
      expect(await answer).toMatchObject({ status: 409, errorCode: 'ERR_STATE_SAVE' });
      expect([await valueAt(before), await valueAt(key), await valueAt(behind)]).toEqual([1, 1, 1]);
    });

    it.each(['POST', 'PUT'])('are read together: %s', async (method) => {
      const [one, two] = [await saved({ n: 1 }), await saved('two', { metadata: { ttlInSeconds: '100' } })];
      const absent = randomUUID();
      const response = await post(at('bulk'), { keys: [one.key, absent, two.key], parallelism: 2 }, method);
      expect(response.status).toBe(200);
      const items = (await response.json()) as object[];
      expect(items).toHaveLength(3);
      const metadata = { ttlExpireTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) };
      expect(items).toContainEqual({ ...one, data: { n: 1 } });
      expect(items).toContainEqual({ ...two, data: 'two', metadata });
      expect(items).toContainEqual({ key: absent });
    });

    it.each(['{}', '{"keys":[]}', '{"keys":null}'])('are none where none is asked for: %s', async (body) => {
      expect(await (await post(at('bulk'), body)).json()).toEqual([]);
    });
  });

  describe('a request for state is refused', () => {
    it.each([
      ['POST', ''],
      ['GET', 'key'],
      ['DELETE', 'key'],
      ['POST', 'bulk'],
      ['POST', 'transaction'],
    ])('with 400 where there is no such store: %s %s', async (method, path) => {
      const init = { method, ...(method === 'POST' && { body: '[]' }) };
      expect(await refused(bench.request(at(path, 'nope'), init))).toEqual({
        status: 400,
        errorCode: 'ERR_STATE_STORE_NOT_FOUND',
        message: 'state store nope is not found',
      });
    });

    it.each<[string, string]>([
      ['', ''],
      ['', '{}'],
      ['', '[{"key":"a"'],
      ['', '[{"value":1}]'],
      ['', '[{"key":"","value":1}]'],
      ['', '[{"key":1,"value":1}]'],
      ['', '[{"key":"a","value":1,"metadata":{"ttlInSeconds":5}}]'],
      ['', '[{"key":"a||b","value":1}]'],
      ['', `[{"key":"a","value":"${'x'.repeat(4 * 1024 * 1024)}"}]`],
      ['bulk', '["a"]'],
      ['bulk', 'text'],
      ['bulk', '{"keys":["a||b"]}'],
      ['transaction', '[]'],
      ['transaction', '{"operations":[{"operation":"upsert","request":{"key":"a||b"}}]}'],
    ])("with 400 where its body can't be read: %s %.40s", async (path, body) => {
      expect(await refused(post(at(path), body))).toMatchObject({ status: 400, errorCode: 'ERR_MALFORMED_REQUEST' });
    });

    it.each(['GET', 'DELETE'])('with 400 where its key has two bars: %s', async (method) => {
      expect(await refused(bench.request(at('a%7C%7Cb'), { method }))).toMatchObject({
        status: 400,
        errorCode: 'ERR_MALFORMED_REQUEST',
        message: expect.stringContaining("input key/keyPrefix 'a||b' can't contain '||'"),
      });
    });

    it.each(['concurrency', 'consistency'])('with 500 where its %s is unknown', async (option) => {
      expect(await refused(save({ key: randomUUID(), value: 1, options: { [option]: 'nope' } }))).toMatchObject({
        status: 500,
        message: `failed saving state in state store ${STORE}: unrecognized ${option} model 'nope'`,
      });
    });

    it("with 500 where its key has a character that Postgres can't keep", async () => {
      expect(await refused(save({ key: 'nul\0', value: 1 }))).toMatchObject({
        status: 500,
        errorCode: 'ERR_STATE_SAVE',
      });
    });

    it.each([
      ['GET', ''],
      ['DELETE', ''],
      ['POST', 'key'],
      ['HEAD', 'key'],
    ])('with 404 where there is nothing of the kind: %s %s', async (method, path) => {
      expect((await bench.request(at(path), { method })).status).toBe(404);
    });

    it('with 401 where the API token is not given', async () => {
      expect((await fetch(bench.subject().url + at('key'))).status).toBe(401);
    });
  });

  it('a store is among the components that the sidecar tells of', async () => {
    const { components } = (await (await bench.request('/v1.0/metadata')).json()) as { components: object[] };
    const capabilities = expect.arrayContaining(['ETAG', 'TRANSACTIONAL', 'TTL']);
    expect(components).toContainEqual({ name: STORE, type: 'state.postgresql', version: 'v2', capabilities });
  });

  it('what was acknowledged outlives a sidecar that is killed', async () => {
    const accepted: string[] = [];
    const writing = Array.from({ length: 4 }, async () => {
      for (;;) {
        const key = randomUUID();
        const answer = await save({ key, value: key }).catch(() => undefined);
        if (answer?.status !== 204) return;
        accepted.push(key);
      }
    });
    await expect.poll(() => accepted.length, { timeout: 10_000 }).toBeGreaterThan(50);
    await bench.subject().kill();
    await Promise.all(writing);
    await bench.subject().start();
    await expect.poll(async () => (await get(accepted[0] ?? '')).status, { timeout: 10_000 }).toBe(200);
    const found = (await (await post(at('bulk'), { keys: accepted })).json()) as { key: string; data?: string }[];
    expect(found.filter(({ key, data }) => key === data)).toHaveLength(accepted.length);
  });
}
