import type { Task } from '../../../shared/domain/task.ts';
import type { RunSql } from '../target.ts';

/** An instant as the API writes it: RFC 3339, UTC, milliseconds. */
export const iso = (column: string) => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Tasks as the API would give them, by id: those of a user or with an id that `keys` lists, deleted ones included. */
export async function readTasks(
  sql: RunSql,
  by: 'id' | 'user_id',
  keys: readonly string[],
): Promise<Map<string, { userId: string; task: Task }>> {
  const rows = await sql<{ user_id: string; task: string }>(
    `select t.user_id, jsonb_build_object(
       'id', t.id, 'title', t.title, 'description', t.description, 'priority', t.priority, 'tags', t.tags,
       'status', t.status, 'dueAt', ${iso('t.due_at')},
       'due', case when t.due_local is null then null else jsonb_build_object(
         case when length(t.due_local) > 10 then 'dateTime' else 'date' end, t.due_local, 'timeZone', t.due_time_zone) end,
       'reminders', (select coalesce(jsonb_agg(jsonb_build_object(
           'id', r.id, 'spec', r.spec, 'remindAt', ${iso('r.remind_at')}, 'snoozed', r.snoozed,
           'status', r.status) order by r.remind_at, r.id), '[]')
         from reminders r where r.task_id = t.id),
       'seriesId', t.series_id, 'occurrence', t.occurrence_local, 'version', t.version,
       'createdAt', ${iso('t.created_at')}, 'updatedAt', ${iso('t.updated_at')},
       'completedAt', ${iso('t.completed_at')}, 'deletedAt', ${iso('t.deleted_at')})::text as task
     from tasks t where $1::jsonb ? t.${by}::text`,
    [JSON.stringify(keys)],
  );
  return new Map(
    rows.map(({ user_id: userId, task }) => {
      const parsed = JSON.parse(task) as Task;
      return [parsed.id, { userId, task: parsed }];
    }),
  );
}
