import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Bench } from '../bench.ts';
import { stateStoreFile } from '../resources.ts';

const STORE = 'store';
const UNKNOWN_ETAG = '7f2c2f6a-1111-4222-8333-444444444444';
const FIRST_WRITE = { concurrency: 'first-write' };

/** State management, in Postgres. */
export function describeState(bench: Bench): void {
  bench.file('statestore.yaml', stateStoreFile(STORE));

  const at = (path = '', store = STORE) => `/v1.0/state/${store}${path && `/${path}`}`;
  const post = (path: string, body: unknown, method = 'POST') =>
    bench.request(path, { method, body: typeof body === 'string' ? body : JSON.stringify(body) });
  const save = (...items: object[]) => post(at(), items);
  const get = (key: string) => bench.request(at(encodeURIComponent(key)));
  const remove = (key: string, etag?: string) =>
    bench.request(at(key), { method: 'DELETE', ...(etag && { headers: { 'if-match': etag } }) });
  const transact = (operations: object[], query = '') => post(`${at('transaction')}${query}`, { operations });
  const upsert = (request: object) => ({ operation: 'upsert', request });

  async function saved(value: unknown, more: object = {}): Promise<{ key: string; etag: string }> {
    const key = randomUUID();
    expect((await save({ key, value, ...more })).status).toBe(204);
    return { key, etag: (await get(key)).headers.get('etag') ?? '' };
  }
  async function valueAt(key: string): Promise<unknown> {
    const response = await get(key);
    return response.status === 204 ? undefined : response.json();
  }
  async function refused(answering: Promise<Response>): Promise<object> {
    const answer = await answering;
    const { errorCode, message } = (await answer.json()) as { errorCode: string; message: string };
    return { status: answer.status, errorCode, message };
  }
  const expiry = (response: Response) => Date.parse(response.headers.get('metadata.ttlExpireTime') ?? '');

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

  describe('an etag', () => {
    const mismatch = 'possible etag mismatch. error from state store';

    it('lets a value be saved once', async () => {
      const { key, etag } = await saved(1);
      expect((await save({ key, value: 2, etag, options: FIRST_WRITE })).status).toBe(204);
      for (const options of [FIRST_WRITE, undefined]) {
        expect(await refused(save({ key, value: 3, etag, options }))).toEqual({
          status: 409,
          errorCode: 'ERR_STATE_SAVE',
          message: `failed saving state in state store ${STORE}: ${mismatch}`,
        });
      }
      expect(await valueAt(key)).toBe(2);
    });

    it('never fits a value that is absent', async () => {
      const key = randomUUID();
      expect(await refused(save({ key, value: 1, etag: UNKNOWN_ETAG }))).toMatchObject({ status: 409 });
      expect(await refused(remove(key, UNKNOWN_ETAG))).toMatchObject({ status: 409 });
      expect((await get(key)).status).toBe(204);
    });

    it('that can be none is a mismatch, and one that is empty is none', async () => {
      const { key } = await saved(1);
      expect(await refused(save({ key, value: 2, etag: 'nonsense' }))).toMatchObject({
        status: 409,
        message: expect.stringContaining(`${mismatch}: invalid UUID`),
      });
      expect(await refused(remove(key, 'nonsense'))).toMatchObject({ status: 409, errorCode: 'ERR_STATE_DELETE' });
      expect((await save({ key, value: 3, etag: '' })).status).toBe(204);
      expect(await valueAt(key)).toBe(3);
    });

    it('lets a value be deleted as it was read, and not otherwise', async () => {
      const { key, etag } = await saved(1);
      await save({ key, value: 2 });
      expect(await refused(remove(key, etag))).toEqual({
        status: 409,
        errorCode: 'ERR_STATE_DELETE',
        message: `failed deleting state with key ${key}: ${mismatch}`,
      });
      const current = (await get(key)).headers.get('etag') ?? '';
      expect((await remove(key, current)).status).toBe(204);
      expect((await get(key)).status).toBe(204);
    });

    it('lets one of many writers win', async () => {
      const { key, etag } = await saved(0);
      const writers = Array.from({ length: 10 }, (_, value) => save({ key, value, etag, options: FIRST_WRITE }));
      const statuses = (await Promise.all(writers)).map(({ status }) => status);
      expect(statuses.filter((status) => status === 204)).toHaveLength(1);
      expect(statuses.filter((status) => status === 409)).toHaveLength(9);
    });
  });

  describe('a first write without an etag', () => {
    it('makes a value, and leaves one that is there', async () => {
      const key = randomUUID();
      expect((await save({ key, value: 1, options: FIRST_WRITE })).status).toBe(204);
      expect(await refused(save({ key, value: 2, options: FIRST_WRITE }))).toEqual({
        status: 500,
        errorCode: 'ERR_STATE_SAVE',
        message: `failed saving state in state store ${STORE}: no item was updated`,
      });
      expect(await valueAt(key)).toBe(1);
    });
  });

  describe('a time to live', () => {
    const expired = async (key: string) =>
      expect.poll(async () => (await get(key)).status, { timeout: 5_000 }).toBe(204);

    it('is told, and ends the value', async () => {
      const savedAt = Date.now();
      const { key } = await saved(1, { metadata: { ttlInSeconds: '2' } });
      const told = expiry(await get(key));
      // Told in whole seconds.
      expect(told).toBeGreaterThan(savedAt + 900);
      expect(told).toBeLessThan(Date.now() + 2_100);
      await expired(key);
      expect(Date.now()).toBeGreaterThanOrEqual(savedAt + 1_900);
    });

    it('that is over makes the value absent for every purpose', async () => {
      const { key, etag } = await saved(1, { metadata: { ttlInSeconds: '1' } });
      await expired(key);
      expect(await (await post(at('bulk'), { keys: [key] })).json()).toEqual([{ key }]);
      expect(await refused(save({ key, value: 2, etag }))).toMatchObject({ status: 409 });
      expect((await save({ key, value: 3, options: FIRST_WRITE })).status).toBe(204);
      expect(await valueAt(key)).toBe(3);
    });

    it('is lifted by saving without one', async () => {
      const { key } = await saved(1, { metadata: { ttlInSeconds: '100' } });
      await save({ key, value: 2 });
      expect(expiry(await get(key))).toBeNaN();
    });

    it('of the request goes before that of an item', async () => {
      const key = randomUUID();
      const items = [{ key, value: 1, metadata: { ttlInSeconds: '1' } }];
      expect((await post(`${at()}?metadata.ttlInSeconds=1000`, items)).status).toBe(204);
      expect(expiry(await get(key))).toBeGreaterThan(Date.now() + 900_000);
    });

    it.each(['0', '-1'])('of %s is none', async (ttlInSeconds) => {
      const { key } = await saved(1, { metadata: { ttlInSeconds } });
      expect(expiry(await get(key))).toBeNaN();
    });

    it.each(['-2', 'x', '1.5', '99999999999'])('of %s is refused', async (ttlInSeconds) => {
      expect(await refused(save({ key: randomUUID(), value: 1, metadata: { ttlInSeconds } }))).toMatchObject({
        status: 500,
        errorCode: 'ERR_STATE_SAVE',
        message: expect.stringContaining("error parsing TTL: incorrect value for metadata 'ttlInSeconds'"),
      });
    });
  });

  describe('a transaction', () => {
    it('makes all its changes', async () => {
      const [there, gone] = [await saved(1), await saved(1)];
      const fresh = randomUUID();
      const operations = [
        upsert({ key: fresh, value: { n: 1 }, metadata: { ttlInSeconds: '100' } }),
        upsert({ key: there.key, value: 2, etag: there.etag, options: FIRST_WRITE }),
        { operation: 'delete', request: { key: gone.key } },
      ];
      expect((await transact(operations)).status).toBe(204);
      expect([await valueAt(fresh), await valueAt(there.key), await valueAt(gone.key)]).toEqual([
        { n: 1 },
        2,
        undefined,
      ]);
      expect(expiry(await get(fresh))).toBeGreaterThan(Date.now() + 90_000);
    });

    it.each([
      ['an etag that no longer fits', { etag: UNKNOWN_ETAG }, 'possible etag mismatch. error from state store'],
      ['a first write of what is there', { options: FIRST_WRITE }, 'no item was updated'],
    ])("makes none of its changes where one can't be made: %s", async (_name, condition, reason) => {
      const { key } = await saved(1);
      const fresh = randomUUID();
      const operations = [upsert({ key: fresh, value: 1 }), upsert({ key, value: 2, ...condition })];
      expect(await refused(transact(operations))).toEqual({
        status: 500,
        errorCode: 'ERR_STATE_TRANSACTION',
        message: `error while executing state transaction: ${reason}`,
      });
      expect([await valueAt(fresh), await valueAt(key)]).toEqual([undefined, 1]);
    });

    it('has no time to live but those of its operations and of the request', async () => {
      const key = randomUUID();
      const operations = [upsert({ key, value: 1 })];
      await post(at('transaction'), { operations, metadata: { ttlInSeconds: '100' } });
      expect(expiry(await get(key))).toBeNaN();
      await transact(operations, '?metadata.ttlInSeconds=100');
      expect(expiry(await get(key))).toBeGreaterThan(Date.now() + 90_000);
    });

    it('may be empty, but not of an unknown kind', async () => {
      expect((await transact([])).status).toBe(204);
      expect(await refused(transact([{ operation: 'merge', request: { key: 'a' } }]))).toEqual({
        status: 400,
        errorCode: 'ERR_NOT_SUPPORTED_STATE_OPERATION',
        message: 'operation type merge not supported',
      });
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
