import { createHash, timingSafeEqual } from 'node:crypto';
import { DomainError, invalid } from '../domain/errors.ts';
import {
  isInFlight,
  type KeptAnswer,
  type KeyedRequest,
  keepAnswer,
  lockKey,
  selectAnswer,
  toKeptAnswer,
} from '../store/idempotencyKeys.ts';
import type { Context } from './defineFunction.ts';

/** A key: visible ASCII, as it is or as a quoted string (draft-ietf-httpapi-idempotency-key-header, section 2.1). */
const KEY = /^(?:"([\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255}))$/;

/** The key that a request was sent with, if any. Throws `invalid` for one that is none. */
export function idempotencyKeyOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const [, quoted, plain] = KEY.exec(header) ?? [];
  const key = quoted ?? plain;
  if (key === undefined) {
    throw invalid({ pointer: '/Idempotency-Key', detail: 'Must have 1 to 255 visible ASCII characters.' });
  }
  return key;
}

/** What makes two requests the same. */
export function fingerprintOf(method: string, url: string, body: Uint8Array): Buffer {
  const { pathname, search } = new URL(url);
  return createHash('sha256').update(`${method} ${pathname}${search}\n`).update(body).digest();
}

/** The answer that this request got before, if it did. Throws `key_reused` where its key was another request's. */
export async function answerGivenBefore(
  request: KeyedRequest,
  { sql, run, now }: Context,
): Promise<KeptAnswer | undefined> {
  const [[row] = []] = await run(selectAnswer(sql, request, now));
  if (!row) return undefined;
  const { fingerprint, ...answer } = toKeptAnswer(row);
  if (timingSafeEqual(fingerprint, request.fingerprint)) return answer;
  throw new DomainError('key_reused', 'This Idempotency-Key was sent with another request: choose a new one.');
}

/**
 * A context whose commit also keeps the answer, in the same transaction, so that it is kept if and only if the change
 * is made. Of two requests with one key at once, one gets `in_flight`, or what the other was answered.
 */
export function keepingAnswer(
  context: Context,
  request: KeyedRequest,
  render: (answer: unknown) => KeptAnswer,
): Context & { kept(): boolean } {
  const { sql, now } = context;
  let kept = false;
  return {
    ...context,
    kept: () => kept,
    async commit(change) {
      if (change.answer === undefined) throw new Error('a write that can be repeated must say what it answers');
      const records = [lockKey(sql, request), keepAnswer(sql, request, render(change.answer), now)];
      const results = await context
        .commit({ ...change, statements: [...records, ...change.statements] })
        .catch(refuseInFlight);
      kept = true;
      return results.slice(records.length);
    },
  };
}

function refuseInFlight(error: unknown): never {
  if (!isInFlight(error)) throw error;
  throw new DomainError('in_flight', 'A request with this Idempotency-Key is under way: wait for it.');
}
