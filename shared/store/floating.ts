import { FLOATING_TASKS_PER_USER } from '../domain/limits.ts';
import type { Series } from '../domain/series.ts';
import type { Task } from '../domain/task.ts';
import { exactly, type Sql, type Statement } from './database.ts';
import { seriesColumns } from './series.ts';
import { taskColumns, updateTasks } from './tasks.ts';

/** The user's open tasks that are due at a floating time, and their series that make such. */
export function selectFloating(sql: Sql, userId: string): [tasks: Statement, series: Statement] {
  return [
    sql`select ${taskColumns(sql)} from tasks t where t.user_id = ${userId} and ${isOpen(sql)} order by t.id`,
    sql`select ${seriesColumns(sql)} from series s where s.user_id = ${userId} and ${goesOn(sql)} order by s.id`,
  ];
}

/** Rolls the batch back where a task floats and the user has as many of such as there may be; see `limitReached`. */
export function requireRoomToFloat(sql: Sql, userId: string, { due }: Task): Statement[] {
  if (!due?.floating) return [];
  const count = sql`
    select expect_room(count(*), ${FLOATING_TASKS_PER_USER}, 'floating tasks')
    from (select from tasks t where t.user_id = ${userId} and ${isOpen(sql)} limit ${FLOATING_TASKS_PER_USER}) others`;
  return [count];
}

/**
 * Writes all that floats of a user as it is in another zone, over the versions before; stale where there is more of it
 * by now.
 */
export function writeRelocated(
  sql: Sql,
  userId: string,
  { tasks, series, timeZone }: { tasks: readonly Task[]; series: readonly Series[]; timeZone: string },
): Statement[] {
  const ids = series.map(({ id }) => id);
  const rows = series.map(({ id, version, updatedAt, next }) => ({ id, version, updatedAt, nextAt: next?.at ?? null }));
  return [
    ...(tasks.length > 0 ? updateTasks(sql, userId, tasks) : []),
    exactly(
      sql,
      series.length,
      sql`
      update series s
      set time_zone = ${timeZone}, next_at = n."nextAt", version = n.version, updated_at = n."updatedAt"
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as n (id uuid, "nextAt" timestamptz, version integer, "updatedAt" timestamptz)
      where s.id = n.id and s.user_id = ${userId} and s.version = n.version - 1
      returning s.id`,
    ),
    sql`update series s set create_at = series_create_at(s) where user_id = ${userId} and id = any(${ids}::uuid[])`,
    sql`
      select expect_rows(count(*), 0) from (
        select t.due_time_zone as zone from tasks t where t.user_id = ${userId} and ${isOpen(sql)}
        union all
        select s.time_zone from series s where s.user_id = ${userId} and ${goesOn(sql)}
      ) floating where zone <> ${timeZone}`,
  ];
}

/** Of a task `t`, as the index says it. */
function isOpen(sql: Sql): Statement {
  return sql`t.due_floating and t.status = 'open' and t.deleted_at is null`;
}

/** Of a series `s`, as the index says it. */
function goesOn(sql: Sql): Statement {
  return sql`s.floating and s.state <> 'ended'`;
}
