import * as z from 'zod/mini';
import { type Choices, channelSchema, noChoices } from '../domain/preferences.ts';
import { exactlyOne, type Row, type Sql, type Statement } from './database.ts';

/** A user's choices, or no row where they made none. */
export function selectChoices(sql: Sql, userId: string): Statement {
  return sql`
    select time_zone, channels, to_char(quiet_start, 'HH24:MI') as quiet_start, to_char(quiet_end, 'HH24:MI') as quiet_end,
           email_address, email_confirmed_at, version
    from preferences where user_id = ${userId}`;
}

/** Writes a user's choices over the version before them; see `exactlyOne`. */
export function writeChoices(sql: Sql, userId: string, choices: Choices, now: Date): Statement {
  const { timeZone, quietHours, email, version } = choices;
  return exactlyOne(
    sql,
    sql`
    insert into preferences as kept (user_id, time_zone, channels, quiet_start, quiet_end, email_address,
                                     email_confirmed_at, version, updated_at)
    values (${userId}, ${timeZone}, ${JSON.stringify(choices.channels)}::jsonb, ${quietHours?.start ?? null},
            ${quietHours?.end ?? null}, ${email?.address ?? null}, ${email?.confirmedAt ?? null}, ${version}, ${now})
    on conflict (user_id) do update
      set time_zone = excluded.time_zone, channels = excluded.channels, quiet_start = excluded.quiet_start,
          quiet_end = excluded.quiet_end, email_address = excluded.email_address,
          email_confirmed_at = excluded.email_confirmed_at, version = excluded.version, updated_at = excluded.updated_at
      where kept.version = ${version - 1}
    returning user_id`,
  );
}

/** Rolls the batch back, with an error that `refuseUnknownZone` knows, where Postgres does not know the zone. */
export function requireZone(sql: Sql, { timeZone }: Choices): Statement {
  return sql`select now() at time zone ${timeZone ?? 'UTC'}`;
}

const choicesRow = z.object({
  time_zone: z.nullable(z.string()),
  channels: z.record(z.string(), z.array(channelSchema)),
  quiet_start: z.nullable(z.string()),
  quiet_end: z.nullable(z.string()),
  email_address: z.nullable(z.string()),
  email_confirmed_at: z.nullable(z.date()),
  version: z.int(),
});

/** The choices that `selectChoices` found. */
export function foundChoices([rows]: Row[][]): Choices {
  if (!rows?.[0]) return noChoices;
  const { channels, version, ...row } = choicesRow.parse(rows[0]);
  return {
    timeZone: row.time_zone,
    channels,
    quietHours: row.quiet_start && row.quiet_end ? { start: row.quiet_start, end: row.quiet_end } : null,
    email: row.email_address
      ? { address: row.email_address, confirmedAt: row.email_confirmed_at?.toISOString() ?? null }
      : null,
    version,
  };
}
