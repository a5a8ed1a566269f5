import * as z from 'zod/mini';
import { deliveryChannelSchema, deliveryKindSchema, deliveryStatusSchema, FAILING_FOR_MS } from '../domain/delivery.ts';
import { DEFAULT_TIME_ZONE } from '../domain/time.ts';
import type { Row, Sql, Statement } from './database.ts';

/** Longer than sending can take, so that nothing is sent twice in the ordinary case; in ms. */
const LEASE_MS = 60_000;
/** Deliveries under way to one target: a slow one takes no more than its share of a process. About: nobody waits to count. */
const PER_TARGET = 4;
const ERROR_LENGTH = 300;

/** Which of a user's deliveries: one, or the next that is due to a target. */
export type Which = { id: string } | { channel: string; target: string };

/** A delivery that somebody has claimed, with what sending it takes. */
export interface ClaimedDelivery {
  id: string;
  kind: z.output<typeof deliveryKindSchema>;
  channel: z.output<typeof deliveryChannelSchema>;
  target: string;
  taskId: string | null;
  message: string;
  data: Record<string, unknown>;
  occurredAt: Date;
  /** This one included. */
  attempts: number;
  /** Of a webhook: where to, and its secrets, encrypted: the newest first. */
  webhook: { url: string; secrets: Buffer[] } | null;
}

/**
 * Claims a delivery that is due, so that it is sent once however many try at once. What has become pointless is not
 * claimed but ended: cancelled where it tells of what is no longer so, failed where its webhook is disabled.
 */
export function claimDelivery(sql: Sql, userId: string, which: Which, now: Date): Statement {
  const chosen =
    'id' in which ? sql`d.id = ${which.id}` : sql`d.channel = ${which.channel} and d.target = ${which.target}`;
  return sql`
    with due as (
      select d.id, w.url, w.secret, case when w.previous_secret_until > ${now} then w.previous_secret end as previous_secret,
             ${reasonToEnd(sql)} as reason
      from deliveries d
      left join webhooks w on d.channel = 'webhook' and w.id::text = d.target and w.user_id = d.user_id
      left join preferences p on p.user_id = d.user_id
      where d.user_id = ${userId} and ${chosen} and d.status = 'pending' and d.next_attempt_at <= ${now}
        and coalesce(d.leased_until, '-infinity') <= ${now}
        and (select count(*) from deliveries busy
             where busy.user_id = d.user_id and busy.channel = d.channel and busy.target = d.target
               and busy.status = 'pending' and busy.leased_until > ${now}) < ${PER_TARGET}
      order by d.next_attempt_at limit 1 for update of d skip locked
    ), judged as (
      select due.*, case when reason = 'The webhook is disabled.' then 'failed'
                         when reason is not null then 'cancelled' end as ended_as
      from due
    )
    update deliveries d
    set status = coalesce(ended_as, status), last_error = coalesce(reason, last_error),
        attempts = attempts + case when ended_as is null then 1 else 0 end,
        next_attempt_at = case when ended_as is null then next_attempt_at end,
        leased_until = case when ended_as is null then ${new Date(now.getTime() + LEASE_MS)}::timestamptz end
    from judged where d.id = judged.id
    returning d.id, d.kind, d.channel, d.target, d.task_id, d.message, d.data, d.occurred_at, d.attempts, d.status,
              judged.url, judged.secret, judged.previous_secret`;
}

/** Why a delivery is not to be sent any more; null where it is. */
function reasonToEnd(sql: Sql): Statement {
  return sql`
    case when d.channel = 'webhook' and w.id is null then 'The webhook was deleted.'
         when w.disabled_at is not null then 'The webhook is disabled.'
         when d.channel = 'email' and p.email_address is distinct from d.target then 'The address is no longer the user''s.'
         when d.kind = 'email.confirmation' and p.email_confirmed_at is not null then 'The address is confirmed.'
         when d.channel = 'email' and d.kind <> 'email.confirmation' and p.email_confirmed_at is null
           then 'The address is not confirmed.'
         when d.kind = 'reminder.due' and not exists (
           select from reminders r join tasks t on t.id = r.task_id
           where r.id = (d.data ->> 'reminder_id')::uuid and r.user_id = d.user_id and r.status = 'triggered'
             and r.remind_at = (d.data ->> 'remind_at')::timestamptz and t.status = 'open' and t.deleted_at is null)
           then 'The task is done or deleted, or its reminder has moved.' end`;
}

const claimedRow = z.object({
  id: z.string(),
  kind: deliveryKindSchema,
  channel: deliveryChannelSchema,
  target: z.string(),
  task_id: z.nullable(z.string()),
  message: z.string(),
  data: z.record(z.string(), z.unknown()),
  occurred_at: z.date(),
  attempts: z.int(),
  status: deliveryStatusSchema,
  url: z.nullable(z.string()),
  secret: z.nullable(z.instanceof(Buffer)),
  previous_secret: z.nullable(z.instanceof(Buffer)),
});

/** What `claimDelivery` came upon, and how that ended, unless it is to be sent now; undefined where nothing is due. */
export function toClaimed([rows]: Row[][]): { delivery: ClaimedDelivery; endedAs: string | null } | undefined {
  if (!rows?.[0]) return undefined;
  const { status, url, secret, previous_secret, task_id, occurred_at, ...delivery } = claimedRow.parse(rows[0]);
  const secrets = [secret, previous_secret].filter((each) => each !== null);
  const webhook = url === null ? null : { url, secrets };
  return {
    delivery: { ...delivery, taskId: task_id, occurredAt: occurred_at, webhook },
    endedAs: status === 'pending' ? null : status,
  };
}

/** Records that a delivery was taken, whoever else may have claimed it meanwhile. */
export function recordDelivered(
  sql: Sql,
  userId: string,
  { id, channel, target }: ClaimedDelivery,
  { responseStatus, now }: { responseStatus: number | null; now: Date },
): Statement[] {
  const delivered = sql`
    update deliveries
    set status = 'delivered', delivered_at = ${now}, next_attempt_at = null, leased_until = null, last_error = null,
        response_status = ${responseStatus}
    where id = ${id} and user_id = ${userId} and status = 'pending'`;
  if (channel === 'email') return [delivered];
  const sound = sql`
    update webhooks set failing_since = null, version = version + 1
    where id = ${target}::uuid and user_id = ${userId} and failing_since is not null`;
  return [delivered, sound];
}

/** What came of an attempt that failed. */
export interface Failure {
  error: string;
  responseStatus: number | null;
  /** When to try again; null: not any more. */
  again: Date | null;
  /** The webhook says that it is no longer there. */
  gone?: boolean;
}

/**
 * Records that an attempt failed, unless somebody else has claimed the delivery meanwhile; another one waits for the end
 * of quiet hours. A webhook that is gone, or has only failed for days, is disabled, and its user told.
 */
export function recordFailure(
  sql: Sql,
  userId: string,
  delivery: ClaimedDelivery,
  { failure: { error, responseStatus, again, gone = false }, now }: { failure: Failure; now: Date },
): Statement[] {
  const failed = sql`
    update deliveries d
    set status = ${again ? 'pending' : 'failed'}, leased_until = null, response_status = ${responseStatus},
        last_error = ${error.slice(0, ERROR_LENGTH)},
        next_attempt_at = (
          select case when p.quiet_start is null or ${again}::timestamptz is null then ${again}::timestamptz
            else after_quiet(${again}, coalesce(p.time_zone, ${DEFAULT_TIME_ZONE}), p.quiet_start, p.quiet_end) end
          from (select) one left join preferences p on p.user_id = ${userId})
    where id = ${delivery.id} and user_id = ${userId} and status = 'pending' and attempts = ${delivery.attempts}`;
  return delivery.channel === 'email'
    ? [failed]
    : [failed, ...noteFailing(sql, userId, delivery.target, { gone, now })];
}

function noteFailing(sql: Sql, userId: string, id: string, { gone, now }: { gone: boolean; now: Date }): Statement[] {
  const failingLong = sql`failing_since <= ${new Date(now.getTime() - FAILING_FOR_MS)}`;
  const because = sql`case when ${gone}::boolean then 'gone' when ${failingLong} then 'failing' end`;
  return [
    sql`
      with noted as (
        update webhooks
        set version = version + case when failing_since is null or ${because} is not null then 1 else 0 end,
            failing_since = coalesce(failing_since, ${now}), disabled_because = ${because},
            disabled_at = case when ${because} is not null then ${now}::timestamptz end
        where id = ${id}::uuid and user_id = ${userId} and disabled_at is null
        returning url, disabled_because
      )
      insert into notifications (id, user_id, task_id, kind, message, created_at)
      select gen_random_uuid(), ${userId}, null, 'webhook.disabled',
             case disabled_because when 'gone' then 'Webhook disabled, as it says that it is gone: '
               else 'Webhook disabled, as it took nothing for five days: ' end || url, ${now}
      from noted where disabled_because is not null`,
    sql`
      update deliveries
      set status = 'failed', next_attempt_at = null, leased_until = null, last_error = 'The webhook is disabled.'
      where user_id = ${userId} and channel = 'webhook' and target = ${id} and status = 'pending'
        and exists (select from webhooks where id = ${id}::uuid and user_id = ${userId} and disabled_at is not null)`,
  ];
}
