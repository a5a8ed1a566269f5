import * as z from 'zod';
import { type Notification, notificationKindSchema, type TaskNotificationKind } from '../domain/notification.ts';
import type { TaskEvent } from '../events/event.ts';
import { exactlyOne, type Position, type Row, type Sql, type Statement } from './database.ts';

/** The event that a notification tells of. */
type Cause = TaskEvent<TaskNotificationKind>;

/** Notifies the user of an event. */
export function insertNotification(sql: Sql, event: Cause, message: string, now: Date): Statement {
  return sql`
    insert into notifications (id, user_id, task_id, kind, message, created_at)
    values (gen_random_uuid(), ${event.user_id}, ${event.task_id}, ${event.event_type}, ${message}, ${now})`;
}

/**
 * Reminds the user, if that is still wanted: the task is open, and the reminder has not been moved, put off or waved
 * away since the event was written. What was on its way then is not shown.
 */
export function insertReminderNotification(
  sql: Sql,
  event: TaskEvent<'reminder.due'>,
  message: string,
  now: Date,
): Statement {
  const { reminder_id, remind_at } = event.data;
  return sql`
    insert into notifications (id, user_id, task_id, kind, message, created_at)
    select gen_random_uuid(), t.user_id, t.id, ${event.event_type}, ${message}, ${now}
    from tasks t join reminders r on r.task_id = t.id
    where t.id = ${event.task_id} and t.user_id = ${event.user_id} and t.status = 'open' and t.deleted_at is null
      and r.id = ${reminder_id} and r.status = 'triggered' and r.remind_at = ${remind_at}
    for share`;
}

/** The user's notification, or no row where it is absent or somebody else's. */
export function selectNotification(sql: Sql, userId: string, id: string): Statement {
  return sql`
    select id, task_id, kind, message, created_at, read_at from notifications where id = ${id} and user_id = ${userId}`;
}

/** Marks a notification as read that is not yet; see `exactlyOne`. */
export function markRead(sql: Sql, userId: string, id: string, now: Date): Statement {
  return exactlyOne(
    sql,
    sql`update notifications set read_at = ${now} where id = ${id} and user_id = ${userId} and read_at is null returning id`,
  );
}

/** The user's notifications, newest first. */
export function selectNotifications(sql: Sql, userId: string, limit: number, after: Position | null): Statement {
  const rest = after
    ? sql`and (created_at, id) < (${after[0]}::timestamp at time zone 'UTC', ${after[1]}::uuid)`
    : sql``;
  return sql`
    select id, task_id, kind, message, created_at, read_at,
           jsonb_build_array(created_at at time zone 'UTC', id) as position
    from notifications
    where user_id = ${userId} ${rest} order by created_at desc, id desc limit ${limit}`;
}

const notificationRow = z.object({
  id: z.string(),
  task_id: z.string().nullable(),
  kind: notificationKindSchema,
  message: z.string(),
  created_at: z.date(),
  read_at: z.date().nullable(),
});

/** The notification that a row of `selectNotifications` holds. */
export function toNotification(row: Row): Notification {
  const { id, task_id, kind, message, created_at, read_at } = notificationRow.parse(row);
  return {
    id,
    taskId: task_id,
    kind,
    message,
    createdAt: created_at.toISOString(),
    readAt: read_at?.toISOString() ?? null,
  };
}
