// Dead letters are no user's own: these statements see those of all users, and only administrators may have them run.
import * as z from 'zod/mini';
import { type DeadLetterSummary, reasonOf } from '../domain/deadLetter.ts';
import type { DeadLetter, LetterDescription } from '../events/deadLetter.ts';
import type { Position, Row, Sql, Statement } from './database.ts';

/** Keeps a letter; one that is there already is counted, and waits again. */
export function keepDeadLetter(
  sql: Sql,
  { topic, key, payload }: DeadLetter,
  { id, fault, eventId, eventType, userId, taskId }: LetterDescription,
  now: Date,
): Statement {
  return sql`
    insert into dead_letters (id, topic, partition_key, payload, fault, event_id, event_type, user_id, task_id,
                              created_at, last_received_at)
    values (${id}, ${topic}, ${key}, ${payload}, ${fault}, ${eventId}, ${eventType}, ${userId}, ${taskId}, ${now}, ${now})
    on conflict (id) do update
      set last_received_at = excluded.last_received_at, times_received = dead_letters.times_received + 1, waiting = true`;
}

/** Which letters a list holds, of how many, and where it begins. */
export interface DeadLetterPage {
  waiting: boolean | null;
  limit: number;
  after: Position | null;
}

/** Letters without their payload, newest first. */
export function selectDeadLetters(sql: Sql, { waiting, limit, after }: DeadLetterPage): Statement {
  const chosen = waiting === null ? sql`` : sql`and waiting = ${waiting}`;
  const rest = after
    ? sql`and (created_at, id) < (${after[0]}::timestamp at time zone 'UTC', ${after[1]}::uuid)`
    : sql``;
  return sql`
    select ${summary(sql)}, jsonb_build_array(d.created_at at time zone 'UTC', d.id) as position
    from dead_letters d
    where true ${chosen} ${rest} order by created_at desc, id desc limit ${limit}`;
}

/** A letter with its payload. */
export function selectDeadLetter(sql: Sql, id: string): Statement {
  return sql`select ${summary(sql)}, payload from dead_letters d where id = ${id}`;
}

/** Records that a letter was replayed. One that came again since it was read, `timesReceived` then, goes on waiting. */
export function markReplayed(sql: Sql, id: string, timesReceived: number, now: Date): Statement {
  return sql`
    with d as (
      update dead_letters
      set replayed_at = ${now}, replays = replays + 1, waiting = times_received <> ${timesReceived}
      where id = ${id} returning *
    )
    select ${summary(sql)} from d`;
}

/** The columns of a `DeadLetterSummary`, of a row named `d`. */
function summary(sql: Sql) {
  return sql`
    d.id, d.topic, d.partition_key, octet_length(d.payload) as bytes, d.fault, d.event_id, d.event_type, d.user_id,
    d.task_id, d.created_at, d.last_received_at, d.times_received, d.waiting, d.replayed_at, d.replays,
    (select coalesce(jsonb_agg(jsonb_build_object('function', f.function, 'reason', f.reason, 'attempts', f.attempts,
                                                  'lastFailedAt', f.last_failed_at) order by f.function), '[]')
     from event_failures f where f.event_id = d.event_id) as failures`;
}

const summaryRow = z.object({
  id: z.string(),
  topic: z.string(),
  partition_key: z.nullable(z.string()),
  bytes: z.nullable(z.int()),
  fault: z.nullable(z.string()),
  event_id: z.nullable(z.string()),
  event_type: z.nullable(z.string()),
  user_id: z.nullable(z.string()),
  task_id: z.nullable(z.string()),
  created_at: z.date(),
  last_received_at: z.date(),
  times_received: z.int(),
  waiting: z.boolean(),
  replayed_at: z.nullable(z.date()),
  replays: z.int(),
  failures: z.array(
    z.object({
      function: z.string(),
      reason: z.string(),
      attempts: z.int(),
      // Postgres writes times in JSON with an offset and microseconds.
      lastFailedAt: z.pipe(
        z.coerce.date(),
        z.transform((time) => time.toISOString()),
      ),
    }),
  ),
});

/** The letter that a row of this file's statements holds. */
export function toDeadLetterSummary(row: unknown): DeadLetterSummary {
  const letter = summaryRow.parse(row);
  return {
    id: letter.id,
    topic: letter.topic,
    partitionKey: letter.partition_key,
    eventId: letter.event_id,
    eventType: letter.event_type,
    userId: letter.user_id,
    taskId: letter.task_id,
    reason: reasonOf(letter.fault, letter.failures),
    failures: letter.failures,
    bytes: letter.bytes,
    status: letter.waiting ? 'waiting' : 'replayed',
    createdAt: letter.created_at.toISOString(),
    lastReceivedAt: letter.last_received_at.toISOString(),
    timesReceived: letter.times_received,
    replayedAt: letter.replayed_at?.toISOString() ?? null,
    replays: letter.replays,
  };
}

const payloadRow = z.object({ payload: z.nullable(z.instanceof(Buffer)) });

/** The payload that a row of `selectDeadLetter` holds. */
export function toPayload(row: Row): Buffer | null {
  return payloadRow.parse(row).payload;
}
