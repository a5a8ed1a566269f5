import * as z from 'zod/mini';
import { type Notification, notificationKindSchema, type TaskNotificationKind } from '../domain/notification.ts';
import { defaultChannels } from '../domain/preferences.ts';
import { DEFAULT_TIME_ZONE } from '../domain/time.ts';
import type { EventData } from '../events/catalogue.ts';
import type { Origin, TaskEvent } from '../events/event.ts';
import { exactlyOne, type Position, type Row, type Sql, type Statement } from './database.ts';
import { insertDeliveryEvents } from './outbox.ts';

/** The event that a notification tells of. */
type Cause = TaskEvent<TaskNotificationKind>;

/** What is said of an event, and when. */
export interface Notice {
  message: string;
  now: Date;
  /** Of the events that go to the channels. */
  origin: Origin;
  /**
   * Says it only while the task is open and this reminder has not been moved, put off or waved away since: what was on its
   * way then is not shown.
   */
  reminder?: Pick<EventData<'reminder.due'>, 'reminder_id' | 'remind_at'>;
}

/**
 * Notifies the user of an event by the channels that their preferences name: the inbox at once, others by a delivery each
 * and an event that it is due, unless quiet hours hold it up: then the wake-up at their end. Belongs into a change's
 * `emitting`.
 */
export function notify(sql: Sql, event: Cause, { message, now, origin, reminder }: Notice): Statement {
  const { user_id: userId, task_id: taskId, event_type: kind } = event;
  const standingReminder =
    reminder &&
    sql`
      select from tasks t join reminders r on r.task_id = t.id
      where t.id = ${taskId} and t.user_id = ${userId} and t.status = 'open' and t.deleted_at is null
        and r.id = ${reminder.reminder_id} and r.status = 'triggered' and r.remind_at = ${reminder.remind_at}
      for share`;
  return sql`
    with reason as (${standingReminder ?? sql`select`}),
    wanted as (
      select p.time_zone, p.quiet_start, p.quiet_end, p.email_address, p.email_confirmed_at,
             coalesce(p.channels -> ${kind}, ${JSON.stringify(defaultChannels[kind])}::jsonb) as channels
      from reason left join preferences p on p.user_id = ${userId}
    ), shown as (
      insert into notifications (id, user_id, task_id, kind, message, created_at)
      select gen_random_uuid(), ${userId}, ${taskId}, ${kind}, ${message}, ${now} from wanted where channels ? 'inbox'
    ), targets as (
      select 'webhook' as channel, w.id::text as target, wanted.* from wanted, webhooks w
      where w.user_id = ${userId} and w.disabled_at is null
        and case when w.kinds is null then channels ? 'webhook' else ${kind} = any(w.kinds) end
      union all
      select 'email', email_address, wanted.* from wanted
      where channels ? 'email' and email_confirmed_at is not null
    ), deliverable as (
      insert into deliveries (id, user_id, event_id, task_id, kind, channel, target, message, data, occurred_at, status,
                              next_attempt_at, announced_at, created_at)
      select gen_random_uuid(), ${userId}, ${event.event_id}, ${taskId}, ${kind}, channel, target, ${message},
             ${JSON.stringify(event.data)}::jsonb, ${event.timestamp}, 'pending', at, case when at = ${now} then at end, ${now}
      from targets,
           lateral (select case when quiet_start is null then ${now}::timestamptz
             else after_quiet(${now}, coalesce(time_zone, ${DEFAULT_TIME_ZONE}), quiet_start, quiet_end) end as at) due
      on conflict on constraint one_delivery_per_target do nothing
      returning user_id, id, channel, announced_at, next_attempt_at as at
    ), to_announce as (select * from deliverable where announced_at is not null),
    written as (${insertDeliveryEvents(sql, 'to_announce', { origin, now })})
    select written.*, held_until
    from (select min(at) as held_until from deliverable where announced_at is null) held left join written on true
    where seq is not null or held_until is not null`;
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
  task_id: z.nullable(z.string()),
  kind: notificationKindSchema,
  message: z.string(),
  created_at: z.date(),
  read_at: z.nullable(z.date()),
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
