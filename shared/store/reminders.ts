import * as z from 'zod/mini';
import type { Task } from '../domain/task.ts';
import type { Origin } from '../events/event.ts';
import type { Row, Sql, Statement } from './database.ts';
import { hasUnpublished, type OutboxEvent, toOutboxEvent, writerLease } from './outbox.ts';

/** Writes the reminders of tasks as they are now; those that they no longer have are left: see `replaceReminders`. */
export function writeReminders(sql: Sql, userId: string, tasks: readonly Task[]): Statement {
  const reminders = tasks.flatMap(({ id, reminders: own }) => own.map((reminder) => ({ ...reminder, taskId: id })));
  return sql`
    insert into reminders (id, task_id, user_id, spec, remind_at, snoozed, status)
    select r.id, r."taskId", ${userId}, r.spec, r."remindAt", r.snoozed, r.status
    from jsonb_to_recordset(${JSON.stringify(reminders)}::jsonb)
      as r (id uuid, "taskId" uuid, spec jsonb, "remindAt" timestamptz, snoozed boolean, status text)
    on conflict (id) do update
      set spec = excluded.spec, remind_at = excluded.remind_at, snoozed = excluded.snoozed, status = excluded.status
      where (reminders.spec, reminders.remind_at, reminders.snoozed, reminders.status)
        is distinct from (excluded.spec, excluded.remind_at, excluded.snoozed, excluded.status)`;
}

/** Makes the reminders of tasks what they are in their next versions, whose writes have locked the tasks. */
export function replaceReminders(sql: Sql, userId: string, tasks: readonly Task[]): Statement[] {
  const taskIds = tasks.map(({ id }) => id);
  const ids = tasks.flatMap(({ reminders }) => reminders.map(({ id }) => id));
  return [
    sql`
      delete from reminders
      where task_id = any(${taskIds}::uuid[]) and user_id = ${userId} and id <> all(${ids}::uuid[])`,
    writeReminders(sql, userId, tasks),
  ];
}

/**
 * Claims at most `limit` reminders that are due and writes a `reminder.due` event for each. One that is due for longer
 * than `graceMs` is recorded as expired instead, and one whose task is done as cancelled. A task whose reminder changes
 * gets a new version, since clients see it. `toTriggered` reads what the last statement returns.
 *
 * Task and reminder are locked first, in a statement of their own, and passed over where somebody is at work on either:
 * they come next time. So crons at once take different ones, and whoever writes an event sees every event of its task
 * that was written before: a statement sees what was committed when it began, which is not yet so of the one that locks.
 */
export function triggerDueReminders(
  sql: Sql,
  { now, graceMs, limit, origin }: { now: Date; graceMs: number; limit: number; origin: Origin },
): Statement[] {
  const lock = sql`
    select set_config('app.claimed_reminders', coalesce(string_agg(id::text, ','), ''), true)
    from (
      select r.id from reminders r join tasks t on t.id = r.task_id
      where r.status = 'pending' and r.remind_at <= ${now}
      order by r.remind_at limit ${limit} for update skip locked
    ) due`;
  const write = sql`
    with due as (
      select id, task_id from reminders
      where id = any(string_to_array(current_setting('app.claimed_reminders'), ',')::uuid[])
    ), changed as (
      update tasks t set version = version + 1, updated_at = ${now}
      where id in (select task_id from due)
      returning id, status, deleted_at, title, version, due_at
    ), claimed as (
      update reminders r set status = case
          when t.status <> 'open' or t.deleted_at is not null then 'cancelled'
          when r.remind_at < ${new Date(now.getTime() - graceMs)} then 'expired'
          else 'triggered' end
      from due, changed t where r.id = due.id and t.id = due.task_id
      returning r.id, r.user_id, r.task_id, r.remind_at, r.status, t.title, t.version, t.due_at
    ), written as (
      insert into outbox (event_id, event_type, source, trace, user_id, task_id, data, occurred_at, next_attempt_at)
      select gen_random_uuid(), 'reminder.due', ${origin.source}, ${origin.trace ?? null}, user_id, task_id,
             jsonb_build_object('version', version, 'reminder_id', id, 'title', title,
                                'remind_at', ${isoInstant(sql, 'remind_at')}, 'due_at', ${isoInstant(sql, 'due_at')}),
             ${now}, case when ${hasUnpublished(sql, 'claimed.task_id')} then '-infinity' else ${writerLease(now)}::timestamptz end
      from claimed where status = 'triggered' order by remind_at, id
      returning seq, event_id, event_type, source, trace, user_id, task_id, data, occurred_at,
                next_attempt_at = '-infinity' as blocked
    )
    select claims.*, written.*
    from (select count(*)::int as claimed, min(remind_at) as oldest from claimed) claims left join written on true
    order by written.seq`;
  return [lock, write];
}

/** What `triggerDueReminders` did. */
export interface Triggered {
  /** How many reminders it claimed, and when the oldest of them was due. */
  claimed: number;
  oldest: Date | null;
  /** Its events that can be published now. */
  publishable: OutboxEvent[];
}

const claimsRow = z.object({ claimed: z.int(), oldest: z.nullable(z.date()) });

/** What the rows of `triggerDueReminders` tell. */
export function toTriggered(rows: readonly Row[]): Triggered {
  const publishable = rows.filter((row) => row.seq !== null && !row.blocked).map(toOutboxEvent);
  return { ...claimsRow.parse(rows[0]), publishable };
}

/** A column of type timestamptz as the catalogue's events write instants: RFC 3339, UTC, milliseconds. */
function isoInstant(sql: Sql, column: 'remind_at' | 'due_at') {
  return sql.unsafe(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);
}
