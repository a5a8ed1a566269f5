import * as z from 'zod/mini';
import { type EventData, type EventType, eventTypes } from '../events/catalogue.ts';
import type { Origin, TaskEvent } from '../events/event.ts';
import type { Row, Sql, Statement } from './database.ts';
import { purgeOldest } from './purged.ts';

/** An event that a function is about to write, before it has an id. */
export type NewEvent = {
  [T in EventType]: { type: T; userId: string; taskId: string; data: EventData<T> };
}[EventType];

/** An event in the outbox: what is to be published, and on whose behalf. */
export interface OutboxEvent {
  seq: string;
  origin: Origin;
  event: TaskEvent;
}

/**
 * How long a new event is left to its writer, and a claimed one to its relay, in milliseconds: longer than publishing a
 * batch may take, so that no event is published twice in the ordinary case (it would be harmless, but for nothing).
 */
const WRITER_LEASE_MS = 5_000;
const RELAY_LEASE_MS = 30_000;
/** Wait before an event whose publishing failed is tried again: doubled with each try, up to a relay's lease. */
const FIRST_RETRY_MS = 1_000;

const outboxRow = z.object({
  seq: z.string(),
  event_id: z.string(),
  event_type: z.enum(eventTypes),
  source: z.string(),
  trace: z.nullable(z.string()),
  user_id: z.string(),
  task_id: z.string(),
  data: z.record(z.string(), z.unknown()),
  occurred_at: z.date(),
});

/** The event that a row of this file's statements holds. */
export function toOutboxEvent(row: Row): OutboxEvent {
  const { seq, source, trace, ...event } = outboxRow.parse(row);
  return {
    seq,
    origin: { source, ...(trace !== null && { trace }) },
    event: {
      event_id: event.event_id,
      event_type: event.event_type,
      timestamp: event.occurred_at.toISOString(),
      user_id: event.user_id,
      task_id: event.task_id,
      data: event.data as EventData<EventType>,
    },
  };
}

/** What statements that write events have written. */
export interface Written {
  /** Those that are `blocked` are left to whoever publishes what stands before them. */
  events: readonly (OutboxEvent & { blocked: boolean })[];
  /** The earliest time to which something was put off whose event is written only then; null where nothing was. */
  heldUntil: Date | null;
}

const writtenRow = z.object({
  seq: z.nullable(z.string()),
  blocked: z.nullable(z.boolean()),
  held_until: z.nullish(z.date()),
});

/** What the rows tell that `insertEvents` and a change's `emitting` statements return. */
export function toWritten(rows: readonly Row[]): Written {
  const events: (OutboxEvent & { blocked: boolean })[] = [];
  let heldUntil: Date | null = null;
  for (const row of rows) {
    const { seq, blocked, held_until: held = null } = writtenRow.parse(row);
    if (seq !== null) events.push({ ...toOutboxEvent(row), blocked: blocked === true });
    if (held && (!heldUntil || held < heldUntil)) heldUntil = held;
  }
  return { events, heldUntil };
}

/**
 * Writes events, in their order. Each row returned says whether it is `blocked`: something older of the same task is
 * still unpublished, so publishing it now would break the order. It is left to whoever publishes what stands before it.
 */
export function insertEvents(
  sql: Sql,
  events: readonly NewEvent[],
  { origin, now }: { origin: Origin; now: Date },
): Statement {
  return sql`
    insert into outbox (event_id, event_type, source, trace, user_id, task_id, data, occurred_at, next_attempt_at)
    select gen_random_uuid(), e.type, ${origin.source}, ${origin.trace ?? null}, e."userId", e."taskId", e.data, ${now},
           case when ${hasUnpublished(sql, 'e."taskId"')} then '-infinity' else ${writerLease(now)}::timestamptz end
    from jsonb_to_recordset(${JSON.stringify(events.map((event, order) => ({ ...event, order })))}::jsonb)
      as e ("order" int, type text, "userId" text, "taskId" uuid, data jsonb)
    order by e."order"
    returning seq, event_id, event_type, source, trace, user_id, task_id, data, occurred_at,
              next_attempt_at = '-infinity' as blocked`;
}

/**
 * Writes a `delivery.due` for each row of a common table expression that has `user_id`, `id` and `channel` of a delivery.
 * Each is the only one of its key, so none is blocked. Returns them as `insertEvents` does.
 */
export function insertDeliveryEvents(
  sql: Sql,
  from: 'to_announce' | 'announced',
  { origin, now }: { origin: Origin; now: Date },
): Statement {
  return sql`
    insert into outbox (event_id, event_type, source, trace, user_id, task_id, data, occurred_at, next_attempt_at)
    select gen_random_uuid(), 'delivery.due', ${origin.source}, ${origin.trace ?? null}, d.user_id, d.id,
           jsonb_build_object('delivery_id', d.id, 'channel', d.channel), ${now}, ${writerLease(now)}
    from ${sql.unsafe(from)} d
    returning seq, event_id, event_type, source, trace, user_id, task_id, data, occurred_at, false as blocked`;
}

/** Whether events of a task are unpublished that were written before this statement. */
export function hasUnpublished(sql: Sql, taskId: 'e."taskId"' | 'claimed.task_id') {
  return isUnpublished(sql, sql`older.task_id = ${sql.unsafe(taskId)}`);
}

/**
 * Whether any unpublished event, `older`, fits a condition. A scalar, as Postgres would answer an `exists`, where it takes it
 * for one of many, by reading all that is unpublished once.
 */
function isUnpublished(sql: Sql, condition: Statement): Statement {
  return sql`coalesce((select true from outbox older where older.published_at is null and ${condition} limit 1), false)`;
}

/** Until when a new event is left to its writer. */
export function writerLease(now: Date): Date {
  return new Date(now.getTime() + WRITER_LEASE_MS);
}

/** Records that the broker has these events. */
export function markPublished(sql: Sql, seqs: readonly string[], now: Date): Statement {
  return sql`update outbox set published_at = coalesce(published_at, ${now}) where seq = any(${seqs}::bigint[])`;
}

/** Gives up the claim on events that could not be published, until they have waited long enough; see `toRetry`. */
export function retryLater(sql: Sql, seqs: readonly string[], now: Date): Statement {
  return sql`
    update outbox
    set next_attempt_at = ${now}::timestamptz
      + least(${RELAY_LEASE_MS}, ${FIRST_RETRY_MS} * 2 ^ least(attempts, 30)) * interval '1 millisecond',
      attempts = attempts + 1
    where seq = any(${seqs}::bigint[]) and published_at is null
    returning next_attempt_at`;
}

const retryRow = z.object({ next_attempt_at: z.date() });

/** When the first of the events is tried again that `retryLater` gave up; null where somebody else has published them. */
export function toRetry(rows: readonly Row[] = []): Date | null {
  const times = rows.map((row) => retryRow.parse(row).next_attempt_at.getTime());
  return times.length > 0 ? new Date(Math.min(...times)) : null;
}

/**
 * Claims the oldest unpublished event of each task that nobody is at work on, at most `limit`, of these tasks or of all:
 * several relays at once take different ones, and one that dies loses its claim by time.
 */
export function claimEvents(sql: Sql, now: Date, limit: number, taskIds?: readonly string[]): Statement {
  return sql`
    with heads as (
      select seq from outbox o
      where published_at is null and next_attempt_at <= ${now}
        and ${taskIds ? sql`task_id = any(${taskIds}::uuid[])` : ofAnyTask(sql)}
        and not ${isUnpublished(sql, sql`older.task_id = o.task_id and older.seq < o.seq`)}
      order by seq limit ${limit} for update skip locked
    ), claimed as (
      update outbox o set next_attempt_at = ${new Date(now.getTime() + RELAY_LEASE_MS)}
      from heads where o.seq = heads.seq
      returning o.seq, o.event_id, o.event_type, o.source, o.trace, o.user_id, o.task_id, o.data, o.occurred_at
    )
    select * from claimed order by seq`;
}

/** How many events are unpublished, and since when the oldest is. `toBacklog` reads what it returns. */
export function countUnpublished(sql: Sql): Statement {
  return sql`
    select count(*) as depth,
           (select occurred_at from outbox where published_at is null and ${ofAnyTask(sql)} order by seq limit 1) as oldest
    from outbox where published_at is null and ${ofAnyTask(sql)}`;
}

/** The condition of the index of all unpublished events in their order (migration 0021): true of each. */
function ofAnyTask(sql: Sql): Statement {
  return sql`seq > 0`;
}

const backlogRow = z.object({ depth: z.coerce.number(), oldest: z.nullable(z.date()) });

/** The backlog that the row of `countUnpublished` tells of; its age in seconds. */
export function toBacklog(row: Row | undefined, now: Date): { depth: number; age: number } {
  const { depth, oldest } = backlogRow.parse(row);
  return { depth, age: oldest ? (now.getTime() - oldest.getTime()) / 1000 : 0 };
}

/** Removes at most `limit` events that were published before `before`. */
export function purgePublished(sql: Sql, before: Date, limit: number): Statement {
  return purgeOldest(sql, { from: 'outbox', where: sql`published_at < ${before}`, by: 'published_at', limit });
}
