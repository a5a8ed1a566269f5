import * as z from 'zod';
import type { Due } from '../domain/due.ts';
import { isAllDay } from '../domain/recurrence.ts';
import { localOf } from '../domain/series.ts';
import { prioritySchema, type Task, taskReminderSchema, taskStatusSchema } from '../domain/task.ts';
import type { TaskPlan } from '../domain/taskPlan.ts';
import { exactlyOne, type Row, type Sql, type Statement } from './database.ts';
import { insertReminders } from './reminders.ts';

/** Writes a task and its reminders. */
export function insertTask(sql: Sql, userId: string, task: TaskPlan, now: Date): Statement[] {
  const due = task.due && { local: localOf(task.due), timeZone: task.due.timeZone };
  return [
    sql`
      insert into tasks (id, user_id, title, description, priority, tags, status, due_local, due_time_zone, due_at,
                         series_id, occurrence_local, version, created_at, updated_at)
      values (${task.id}, ${userId}, ${task.title}, ${task.description}, ${task.priority}, ${task.tags}::text[], 'open',
              ${due?.local ?? null}, ${due?.timeZone ?? null}, ${task.dueAt},
              ${task.seriesId}, ${task.occurrence}, ${task.version}, ${now}, ${now})`,
    insertReminders(sql, task.id, userId, task.reminders),
  ];
}

/** The user's task, or no row where it is absent or somebody else's. */
export function selectTask(sql: Sql, userId: string, id: string): Statement {
  return sql`select ${taskColumns(sql)} from tasks t where t.user_id = ${userId} and t.id = ${id}`;
}

/** Completes a task at the version that was read; see `exactlyOne`. */
export function completeTask(sql: Sql, task: Task, userId: string, now: Date): Statement {
  return exactlyOne(
    sql,
    sql`
    update tasks set status = 'completed', completed_at = ${now}, updated_at = ${now}, version = version + 1
    where id = ${task.id} and user_id = ${userId} and version = ${task.version} and status = 'open'
    returning id`,
  );
}

/** The columns of a task, of a row of `tasks` named `t`. */
export function taskColumns(sql: Sql): Statement {
  return sql`
    t.id, t.title, t.description, t.priority, t.tags, t.status, t.due_local, t.due_time_zone, t.due_at,
           t.series_id, t.occurrence_local, t.version, t.created_at, t.updated_at, t.completed_at,
           (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'spec', r.spec, 'status', r.status, 'remindAt',
                     to_char(r.remind_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) order by r.remind_at, r.id), '[]')
            from reminders r where r.task_id = t.id) as reminders`;
}

const taskRow = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string().nullable(),
  priority: prioritySchema,
  tags: z.array(z.string()),
  status: taskStatusSchema,
  due_local: z.string().nullable(),
  due_time_zone: z.string().nullable(),
  due_at: z.date().nullable(),
  series_id: z.string().nullable(),
  occurrence_local: z.string().nullable(),
  version: z.int(),
  created_at: z.date(),
  updated_at: z.date(),
  completed_at: z.date().nullable(),
  reminders: z.array(taskReminderSchema),
});

/** The task that a row of `selectTask` or `selectTaskList` holds; throws where there is none. */
export function toTask(row: Row | undefined): Task {
  const task = taskRow.parse(row);
  return {
    id: task.id,
    title: task.title,
    description: task.description,
    priority: task.priority,
    tags: task.tags,
    status: task.status,
    due: toDue(task.due_local, task.due_time_zone),
    dueAt: task.due_at?.toISOString() ?? null,
    reminders: task.reminders,
    seriesId: task.series_id,
    occurrence: task.occurrence_local,
    version: task.version,
    createdAt: task.created_at.toISOString(),
    updatedAt: task.updated_at.toISOString(),
    completedAt: task.completed_at?.toISOString() ?? null,
  };
}

function toDue(local: string | null, timeZone: string | null): Due | null {
  if (local === null || timeZone === null) return null;
  return isAllDay(local) ? { date: local, timeZone } : { dateTime: local, timeZone };
}
