import * as z from 'zod/mini';
import { exactlyOne, hasCode, type Row, type Sql, type Statement } from './database.ts';
import { purgeOldest } from './purged.ts';

/** How long an answer is kept, in milliseconds: a client that has not heard of its request by then has given it up. */
export const IDEMPOTENCY_RETENTION_MS = 24 * 60 * 60 * 1000;

/** A request as its key tells it from others. */
export interface KeyedRequest {
  userId: string;
  key: string;
  /** SHA-256 of what else makes the request. */
  fingerprint: Buffer;
}

/** An answer, ready to be sent again. */
export interface KeptAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** The answer that was kept for a key, of whichever request that was. */
export function selectAnswer(sql: Sql, { userId, key }: KeyedRequest, now: Date): Statement {
  return sql`
    select fingerprint, status, headers, body from idempotency_keys
    where user_id = ${userId} and key = ${key} and created_at > ${forgottenBefore(now)}`;
}

const answerRow = z.object({
  fingerprint: z.instanceof(Buffer),
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
});

/** What the row of `selectAnswer` holds. */
export function toKeptAnswer(row: Row): KeptAnswer & { fingerprint: Buffer } {
  return answerRow.parse(row);
}

/** Lets one request with a key run at a time: another one's batch is rolled back at once, with `isInFlight`. */
export function lockKey(sql: Sql, { userId, key }: KeyedRequest): Statement {
  return sql`select expect_lock(pg_try_advisory_xact_lock(hashtextextended(${JSON.stringify([userId, key])}, 0)))`;
}

/** Keeps the answer to a request; see `exactlyOne` for a key that has one already. */
export function keepAnswer(sql: Sql, request: KeyedRequest, answer: KeptAnswer, now: Date): Statement {
  const { userId, key, fingerprint } = request;
  return exactlyOne(
    sql,
    sql`
    insert into idempotency_keys as kept (user_id, key, fingerprint, status, headers, body, created_at)
    values (${userId}, ${key}, ${fingerprint}, ${answer.status}, ${JSON.stringify(answer.headers)}::jsonb, ${answer.body},
            ${now})
    on conflict (user_id, key) do update
      set fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers,
          body = excluded.body, created_at = excluded.created_at
      where kept.created_at <= ${forgottenBefore(now)}
    returning key`,
  );
}

/** Whether a batch was rolled back because another request with its key is under way. */
export function isInFlight(error: unknown): boolean {
  return hasCode('ET002', error);
}

/** Removes at most `limit` answers that are kept no longer. */
export function purgeAnswers(sql: Sql, now: Date, limit: number): Statement {
  const where = sql`created_at <= ${forgottenBefore(now)}`;
  return purgeOldest(sql, { from: 'idempotency_keys', where, by: 'created_at', limit });
}

function forgottenBefore(now: Date): Date {
  return new Date(now.getTime() - IDEMPOTENCY_RETENTION_MS);
}
