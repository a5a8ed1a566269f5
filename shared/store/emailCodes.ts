import { createHash } from 'node:crypto';
import { CODE_ATTEMPTS, CODE_VALID_MS, CODES_PER_DAY } from '../domain/emailCode.ts';
import type { Row, Sql, Statement } from './database.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

/** A code, and the address that it was sent to. */
export interface SentCode {
  address: string;
  code: string;
}

/**
 * Puts a code in the place of the one before, before it is sent. Returns a row; none where the user has had as many codes
 * sent in a day as there may be.
 */
export function keepCode(sql: Sql, userId: string, { address, code }: SentCode, now: Date): Statement {
  const dayAgo = new Date(now.getTime() - DAY_MS);
  return sql`
    insert into email_codes as kept (user_id, address, hash, expires_at, sent_since)
    values (${userId}, ${address}, ${hashOf(userId, address, code)}, ${new Date(now.getTime() + CODE_VALID_MS)}, ${now})
    on conflict (user_id) do update
      set address = excluded.address, hash = excluded.hash, expires_at = excluded.expires_at, attempts = 0,
          sent = case when kept.sent_since > ${dayAgo} then kept.sent + 1 else 1 end,
          sent_since = case when kept.sent_since > ${dayAgo} then kept.sent_since else ${now} end
      where kept.sent < ${CODES_PER_DAY} or kept.sent_since <= ${dayAgo}
    returning user_id`;
}

/** Tries a code on an address, and counts that: for `isRightCode`. */
export function tryCode(sql: Sql, userId: string, { address, code }: SentCode, now: Date): Statement {
  return sql`
    update email_codes set attempts = attempts + 1
    where user_id = ${userId} and address = ${address} and attempts < ${CODE_ATTEMPTS} and expires_at > ${now}
    returning hash = ${hashOf(userId, address, code)} as right`;
}

/** Whether the code that `tryCode` tried is right: the last one, for this address, not expired, not tried too often. */
export function isRightCode([rows]: Row[][]): boolean {
  return rows?.[0]?.right === true;
}

/** Lets the code that confirmed an address do so no more. */
export function forgetCode(sql: Sql, userId: string, now: Date): Statement {
  return sql`update email_codes set expires_at = ${now} where user_id = ${userId}`;
}

function hashOf(userId: string, address: string, code: string): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([userId, address, code]))
    .digest();
}
