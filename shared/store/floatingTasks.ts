import type { Task } from '../domain/task.ts';
import type { Sql, Statement } from './database.ts';
import { taskColumns } from './tasks.ts';

/** The user's open tasks that are due at a floating time. */
export function selectFloatingTasks(sql: Sql, userId: string): Statement {
  return sql`select ${taskColumns(sql)} from tasks t where t.user_id = ${userId} and ${isFloating(sql)} order by t.id`;
}

/** Moves all floating tasks of a user to another zone, from the version before; stale where there are others by now. */
export function relocateTasks(sql: Sql, userId: string, tasks: readonly Task[], timeZone: string): Statement[] {
  const reminders = tasks.flatMap((task) => task.reminders);
  return [
    sql`
      with changed as (
        update tasks t set due_time_zone = ${timeZone}, due_at = n."dueAt", version = n.version, updated_at = n."updatedAt"
        from jsonb_to_recordset(${JSON.stringify(tasks)}::jsonb)
          as n (id uuid, "dueAt" timestamptz, version integer, "updatedAt" timestamptz)
        where t.id = n.id and t.user_id = ${userId} and t.version = n.version - 1
        returning t.id
      )
      select expect_rows(count(*), ${tasks.length}) from changed`,
    sql`
      update reminders r set remind_at = n."remindAt"
      from jsonb_to_recordset(${JSON.stringify(reminders)}::jsonb) as n (id uuid, "remindAt" timestamptz)
      where r.id = n.id and r.user_id = ${userId} and r.remind_at <> n."remindAt"`,
    sql`
      select expect_rows(count(*), 0) from tasks t
      where t.user_id = ${userId} and ${isFloating(sql)} and t.due_time_zone <> ${timeZone}`,
  ];
}

/** As the index says it. */
function isFloating(sql: Sql): Statement {
  return sql`t.due_floating and t.status = 'open' and t.deleted_at is null`;
}
