import * as z from 'zod/mini';
import { type Delivery, deliveryChannelSchema, deliveryKindSchema, deliveryStatusSchema } from '../domain/delivery.ts';
import { DomainError } from '../domain/errors.ts';
import type { Origin } from '../events/event.ts';
import { exactlyOne, type Position, type Row, type Sql, type Statement } from './database.ts';
import { insertDeliveryEvents } from './outbox.ts';
import { purgeOldest } from './purged.ts';

/** How long an event that a delivery is due may be on its way before another one is written; in ms. */
const ANNOUNCED_FOR_MS = 2 * 60_000;
/** For how long a delivery is put off, in ms. */
const PUT_OFF_MS = 10_000;

/**
 * Puts a delivery off that nobody has room or time for now: a little later it comes up again, by another event. Belongs
 * into a change's `emitting`; by itself, `toWritten` reads until when it is held.
 */
export function putOff(sql: Sql, userId: string, id: string, now: Date): Statement {
  return sql`
    update deliveries set next_attempt_at = ${new Date(now.getTime() + PUT_OFF_MS)}, announced_at = null
    where id = ${id} and user_id = ${userId} and status = 'pending'
      and next_attempt_at <= ${now} and coalesce(leased_until, '-infinity') <= ${now}
    returning null as seq, null as blocked, next_attempt_at as held_until`;
}

/** Writes a delivery of the code that confirms an address, and its event. Belongs into a change's `emitting`. */
export function sendCode(
  sql: Sql,
  userId: string,
  address: string,
  { origin, now }: { origin: Origin; now: Date },
): Statement {
  return sql`
    with to_announce as (
      insert into deliveries (id, user_id, kind, channel, target, message, data, occurred_at, status, next_attempt_at,
                              announced_at, created_at)
      values (gen_random_uuid(), ${userId}, 'email.confirmation', 'email', ${address}, 'A code to confirm this address',
              '{}', ${now}, 'pending', ${now}, ${now}, ${now})
      returning user_id, id, channel
    )
    ${insertDeliveryEvents(sql, 'to_announce', { origin, now })}`;
}

/** Makes a delivery due again, from its first attempt on, unless somebody is at work on it; see `exactlyOne`. */
export function renewDelivery(sql: Sql, userId: string, id: string, now: Date): Statement {
  return exactlyOne(
    sql,
    sql`
    update deliveries
    set status = 'pending', attempts = 0, next_attempt_at = ${now}, announced_at = ${now}, leased_until = null,
        delivered_at = null, response_status = null, last_error = null
    where id = ${id} and user_id = ${userId} and coalesce(leased_until, '-infinity') <= ${now}
    returning id`,
  );
}

/**
 * Writes an event for each delivery, of at most `limit`, that is due and that no event tells of yet: its time has come,
 * whoever claimed it has died, or its last event got lost. Returns the events, as `insertEvents` does.
 */
export function announceDeliveries(
  sql: Sql,
  { now, limit, origin }: { now: Date; limit: number; origin: Origin },
): Statement {
  return sql`
    with due as (
      select id from deliveries
      where status = 'pending' and next_attempt_at <= ${now} and coalesce(leased_until, '-infinity') <= ${now}
        and (announced_at is null or announced_at < greatest(next_attempt_at, leased_until)
             or announced_at <= ${new Date(now.getTime() - ANNOUNCED_FOR_MS)})
      order by next_attempt_at limit ${limit} for update skip locked
    ), announced as (
      update deliveries d set announced_at = ${now} from due where d.id = due.id returning d.user_id, d.id, d.channel
    )
    ${insertDeliveryEvents(sql, 'announced', { origin, now })}`;
}

/** Removes at most `limit` deliveries that have ended and were made before `before`. */
export function purgeDeliveries(sql: Sql, before: Date, limit: number): Statement {
  const where = sql`status <> 'pending' and created_at < ${before}`;
  return purgeOldest(sql, { from: 'deliveries', where, by: 'created_at', limit });
}

/** What a list of deliveries holds: those for which everything given is so. */
export interface DeliveryFilter {
  status?: string | undefined;
  channel?: string | undefined;
  taskId?: string | undefined;
}

/** The user's deliveries, newest first. */
export function selectDeliveries(
  sql: Sql,
  userId: string,
  { status, channel, taskId }: DeliveryFilter,
  { limit, after }: { limit: number; after: Position | null },
): Statement {
  const conditions = [sql`user_id = ${userId}`];
  if (status) conditions.push(sql`status = ${status}`);
  if (channel) conditions.push(sql`channel = ${channel}`);
  if (taskId) conditions.push(sql`task_id = ${taskId}::uuid`);
  if (after) {
    conditions.push(sql`(created_at, id) < (${after[0]}::timestamp at time zone 'UTC', ${after[1]}::uuid)`);
  }
  return sql`
    select ${columns(sql)}, jsonb_build_array(created_at at time zone 'UTC', id) as position
    from deliveries where ${conditions.reduce((all, condition) => sql`${all} and ${condition}`)}
    order by created_at desc, id desc limit ${limit}`;
}

/** The user's delivery, or no row where it is absent or somebody else's. */
export function selectDelivery(sql: Sql, userId: string, id: string): Statement {
  return sql`select ${columns(sql)} from deliveries where user_id = ${userId} and id = ${id}`;
}

function columns(sql: Sql): Statement {
  return sql`
    id, kind, channel, target, task_id, message, status, attempts, next_attempt_at, response_status, last_error, created_at,
    delivered_at`;
}

const deliveryRow = z.object({
  id: z.string(),
  kind: deliveryKindSchema,
  channel: deliveryChannelSchema,
  target: z.string(),
  task_id: z.nullable(z.string()),
  message: z.string(),
  status: deliveryStatusSchema,
  attempts: z.int(),
  next_attempt_at: z.nullable(z.date()),
  response_status: z.nullable(z.int()),
  last_error: z.nullable(z.string()),
  created_at: z.date(),
  delivered_at: z.nullable(z.date()),
});

/** The delivery that `selectDelivery` found; throws `not_found` where it found none. */
export function foundDelivery([rows]: Row[][]): Delivery {
  const row = rows?.[0];
  if (!row) throw new DomainError('not_found', 'There is no such delivery.');
  return toDelivery(row);
}

/** The delivery that a row of `selectDeliveries` holds. */
export function toDelivery(row: Row): Delivery {
  const { id, kind, channel, target, message, status, attempts, ...delivery } = deliveryRow.parse(row);
  return {
    ...{ id, kind, channel, target, message, status, attempts },
    taskId: delivery.task_id,
    nextAttemptAt: delivery.next_attempt_at?.toISOString() ?? null,
    responseStatus: delivery.response_status,
    lastError: delivery.last_error,
    createdAt: delivery.created_at.toISOString(),
    deliveredAt: delivery.delivered_at?.toISOString() ?? null,
  };
}
