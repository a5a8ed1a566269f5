import type { Sql, Statement } from './database.ts';

/** Counts one task as created on the UTC day of `at`. */
export function countCreated(sql: Sql, userId: string, at: Date): Statement {
  return sql`
    insert into daily_stats (user_id, day, created) values (${userId}, (${at}::timestamptz at time zone 'UTC')::date, 1)
    on conflict (user_id, day) do update set created = daily_stats.created + 1`;
}
