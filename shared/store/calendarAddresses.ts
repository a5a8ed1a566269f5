import * as z from 'zod/mini';
import type { CalendarAddress } from '../domain/calendarAddress.ts';
import { ADDRESSES_PER_USER } from '../domain/limits.ts';
import { localDateOf } from '../domain/time.ts';
import { exactlyOne, type Row, type Sql, type Statement } from './database.ts';

/** Writes an address with the SHA-256 of its key, unless the user has as many as there may be (see `limitReached`). */
export function insertAddress(sql: Sql, userId: string, address: CalendarAddress, keyHash: Buffer): Statement[] {
  return [
    // One after the other, so that each sees those that came before.
    sql`select pg_advisory_xact_lock(hashtextextended(${`calendar addresses of ${userId}`}, 0))`,
    sql`select expect_room(count(*), ${ADDRESSES_PER_USER}, 'calendar addresses') from calendar_addresses where user_id = ${userId}`,
    sql`
      insert into calendar_addresses (id, user_id, name, key_hash, created_at)
      values (${address.id}, ${userId}, ${address.name}, ${keyHash}, ${address.createdAt})`,
  ];
}

/** The user's addresses, or the one with an id, oldest first. */
export function selectAddresses(sql: Sql, userId: string, id: string | null = null): Statement {
  return sql`
    select id, name, created_at, to_char(last_used_on, 'YYYY-MM-DD') as last_used_on from calendar_addresses
    where user_id = ${userId} and (${id}::uuid is null or id = ${id}) order by created_at, id`;
}

/** Revokes an address that is still there; see `exactlyOne`. */
export function deleteAddress(sql: Sql, userId: string, id: string): Statement {
  return exactlyOne(sql, sql`delete from calendar_addresses where user_id = ${userId} and id = ${id} returning id`);
}

/** The user whose address has this key, or no row. Reaches everybody's: to be run on the system's behalf. */
export function selectOwner(sql: Sql, keyHash: Buffer): Statement {
  return sql`select user_id from calendar_addresses where key_hash = ${keyHash}`;
}

/** The name of the user's address with this key, and whether its use was noted today; no row where it was revoked. */
export function selectAddress(sql: Sql, userId: string, keyHash: Buffer, now: Date): Statement {
  return sql`
    select name, last_used_on is not distinct from ${localDateOf(now, 'UTC')}::date as used_today from calendar_addresses
    where user_id = ${userId} and key_hash = ${keyHash}`;
}

/** Notes that the user's address with this key is used today. */
export function noteUse(sql: Sql, userId: string, keyHash: Buffer, now: Date): Statement {
  return sql`
    update calendar_addresses set last_used_on = ${localDateOf(now, 'UTC')} where user_id = ${userId} and key_hash = ${keyHash}`;
}

const addressRow = z.object({
  id: z.string(),
  name: z.nullable(z.string()),
  created_at: z.date(),
  last_used_on: z.nullable(z.string()),
});

/** The address that a row of `selectAddresses` holds. */
export function toAddress(row: Row): CalendarAddress {
  const { id, name, created_at, last_used_on } = addressRow.parse(row);
  return { id, name, createdAt: created_at.toISOString(), lastUsedOn: last_used_on };
}
