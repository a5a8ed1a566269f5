import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Bench } from '../bench.ts';
import { expiry, FIRST_WRITE, refused, STORE, stateClient, UNKNOWN_ETAG } from './stateClient.ts';

/** What state is kept for a time, or changed only under a condition: time to live, etags, transactions. */
export function describeStateConditions(bench: Bench): void {
  const { at, post, save, get, remove, transact, saved, valueAt } = stateClient(bench);
  const upsert = (request: object) => ({ operation: 'upsert', request });

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

    it('that is over leaves a value that can still be deleted by its etag', async () => {
      const { key, etag } = await saved(1, { metadata: { ttlInSeconds: '1' } });
      await expired(key);
      expect((await remove(key, etag)).status).toBe(204);
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
}
