import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Bench } from '../bench.ts';

/** The one store that the tests use. */
export const STORE = 'store';
/** An etag that no value has. */
export const UNKNOWN_ETAG = '7f2c2f6a-1111-4222-8333-444444444444';
/** The options of a first write. */
export const FIRST_WRITE = { concurrency: 'first-write' };

/** Calls the state API of a bench's subject. */
export function stateClient(bench: Bench) {
  const at = (path = '', store = STORE) => `/v1.0/state/${store}${path && `/${path}`}`;
  const post = (path: string, body: unknown, method = 'POST') =>
    bench.request(path, { method, body: typeof body === 'string' ? body : JSON.stringify(body) });
  const save = (...items: object[]) => post(at(), items);
  const get = (key: string) => bench.request(at(encodeURIComponent(key)));

  return {
    at,
    post,
    save,
    get,
    remove: (key: string, etag?: string) =>
      bench.request(at(key), { method: 'DELETE', ...(etag && { headers: { 'if-match': etag } }) }),
    transact: (operations: object[], query = '') => post(`${at('transaction')}${query}`, { operations }),

    /** Saves a value under a key of its own. */
    async saved(value: unknown, more: object = {}): Promise<{ key: string; etag: string }> {
      const key = randomUUID();
      expect((await save({ key, value, ...more })).status).toBe(204);
      return { key, etag: (await get(key)).headers.get('etag') ?? '' };
    },

    /** What is kept under a key; undefined where there is nothing. */
    async valueAt(key: string): Promise<unknown> {
      const response = await get(key);
      return response.status === 204 ? undefined : response.json();
    },
  };
}

/** How a request was refused. */
export async function refused(answering: Promise<Response>): Promise<object> {
  const answer = await answering;
  const { errorCode, message } = (await answer.json()) as { errorCode: string; message: string };
  return { status: answer.status, errorCode, message };
}

/** When a value expires, in milliseconds since 1970; NaN: never. */
export function expiry(response: Response): number {
  return Date.parse(response.headers.get('metadata.ttlExpireTime') ?? '');
}
