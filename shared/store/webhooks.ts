import * as z from 'zod/mini';
import { DomainError } from '../domain/errors.ts';
import { WEBHOOKS_PER_USER } from '../domain/limits.ts';
import { taskNotificationKinds } from '../domain/notification.ts';
import { PREVIOUS_SECRET_MS, type Webhook } from '../domain/webhook.ts';
import { exactlyOne, type Position, type Row, type Sql, type Statement } from './database.ts';

/** Rolls the batch back, with an error that `limitReached` knows, where the user has as many webhooks as there may be. */
export function requireWebhookRoom(sql: Sql, userId: string): Statement {
  return sql`select expect_room(count(*), ${WEBHOOKS_PER_USER}, 'webhooks') from webhooks where user_id = ${userId}`;
}

/** Writes a new webhook with its secret, encrypted. */
export function insertWebhook(sql: Sql, userId: string, webhook: Webhook, secret: Buffer): Statement {
  const { id, url, description, kinds, version, createdAt, updatedAt } = webhook;
  return sql`
    insert into webhooks (id, user_id, url, description, kinds, secret, version, created_at, updated_at)
    values (${id}, ${userId}, ${url}, ${description}, ${kinds}::text[], ${secret}, ${version}, ${createdAt}, ${updatedAt})`;
}

/** Writes the next version of a webhook over the one before it; see `exactlyOne`. Its secret is left alone. */
export function writeWebhook(sql: Sql, userId: string, webhook: Webhook): Statement {
  const { id, url, description, kinds, disabledBecause, failingSince, version, updatedAt } = webhook;
  return exactlyOne(
    sql,
    sql`
    update webhooks
    set url = ${url}, description = ${description}, kinds = ${kinds}::text[], disabled_because = ${disabledBecause},
        disabled_at = case when ${disabledBecause}::text is not null then coalesce(disabled_at, ${updatedAt}) end,
        failing_since = ${failingSince}, version = ${version}, updated_at = ${updatedAt}
    where id = ${id} and user_id = ${userId} and version = ${version - 1}
    returning id`,
  );
}

/** Puts a secret, encrypted, in the place of the one before, which signs as well for a while; see `exactlyOne`. */
export function replaceSecret(
  sql: Sql,
  userId: string,
  { id, version, updatedAt }: Webhook,
  { secret, now }: { secret: Buffer; now: Date },
): Statement {
  return exactlyOne(
    sql,
    sql`
    update webhooks
    set previous_secret = secret, previous_secret_until = ${new Date(now.getTime() + PREVIOUS_SECRET_MS)},
        secret = ${secret}, version = ${version}, updated_at = ${updatedAt}
    where id = ${id} and user_id = ${userId} and version = ${version - 1}
    returning id`,
  );
}

/** Removes a webhook at this version, and cancels what is on its way to it; see `exactlyOne`. */
export function deleteWebhook(sql: Sql, userId: string, { id, version }: Webhook): Statement[] {
  return [
    exactlyOne(
      sql,
      sql`delete from webhooks where id = ${id} and user_id = ${userId} and version = ${version} returning id`,
    ),
    sql`
      update deliveries
      set status = 'cancelled', next_attempt_at = null, leased_until = null, last_error = 'The webhook was deleted.'
      where user_id = ${userId} and channel = 'webhook' and target = ${id} and status = 'pending'`,
  ];
}

/** The user's webhook, or no row where it is absent or somebody else's. */
export function selectWebhook(sql: Sql, userId: string, id: string): Statement {
  return sql`select ${columns(sql)} from webhooks where user_id = ${userId} and id = ${id}`;
}

/** The user's webhooks, newest first. */
export function selectWebhooks(sql: Sql, userId: string, limit: number, after: Position | null): Statement {
  const rest = after
    ? sql`and (created_at, id) < (${after[0]}::timestamp at time zone 'UTC', ${after[1]}::uuid)`
    : sql``;
  return sql`
    select ${columns(sql)}, jsonb_build_array(created_at at time zone 'UTC', id) as position
    from webhooks where user_id = ${userId} ${rest} order by created_at desc, id desc limit ${limit}`;
}

function columns(sql: Sql): Statement {
  return sql`id, url, description, kinds, disabled_because, failing_since, version, created_at, updated_at`;
}

const webhookRow = z.object({
  id: z.string(),
  url: z.string(),
  description: z.nullable(z.string()),
  kinds: z.nullable(z.array(z.enum(taskNotificationKinds))),
  disabled_because: z.nullable(z.enum(['by_user', 'gone', 'failing'])),
  failing_since: z.nullable(z.date()),
  version: z.int(),
  created_at: z.date(),
  updated_at: z.date(),
});

/** The webhook that `selectWebhook` found; throws `not_found` where it found none. */
export function foundWebhook([rows]: Row[][]): Webhook {
  const row = rows?.[0];
  if (!row) throw new DomainError('not_found', 'There is no such webhook.');
  return toWebhook(row);
}

/** The webhook that a row of `selectWebhooks` holds. */
export function toWebhook(row: Row): Webhook {
  const { id, url, description, kinds, version, ...webhook } = webhookRow.parse(row);
  return {
    ...{ id, url, description, kinds, version },
    enabled: webhook.disabled_because === null,
    disabledBecause: webhook.disabled_because,
    failingSince: webhook.failing_since?.toISOString() ?? null,
    createdAt: webhook.created_at.toISOString(),
    updatedAt: webhook.updated_at.toISOString(),
  };
}
