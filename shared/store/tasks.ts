import * as z from 'zod';
import type { Due } from '../domain/due.ts';
import { DomainError } from '../domain/errors.ts';
import { OPEN_TASKS_PER_USER } from '../domain/limits.ts';
import { isAllDay } from '../domain/recurrence.ts';
import { localOf } from '../domain/series.ts';
import { prioritySchema, type Task, taskReminderSchema, taskStatusSchema } from '../domain/task.ts';
import { exactlyOne, type Row, type Sql, type Statement } from './database.ts';
import { replaceReminders, writeReminders } from './reminders.ts';

/** Writes a new task and its reminders. */
export function insertTask(sql: Sql, userId: string, task: Task): Statement[] {
  const due = dueColumns(task);
  return [
    sql`
      insert into tasks (id, user_id, title, description, priority, tags, status, due_local, due_time_zone, due_at,
                         series_id, occurrence_local, version, created_at, updated_at)
      values (${task.id}, ${userId}, ${task.title}, ${task.description}, ${task.priority}, ${task.tags}::text[],
              ${task.status}, ${due.local}, ${due.timeZone}, ${task.dueAt},
              ${task.seriesId}, ${task.occurrence}, ${task.version}, ${task.createdAt}, ${task.updatedAt})`,
    writeReminders(sql, task.id, userId, task.reminders),
  ];
}

/** Rolls the batch back, with an error that `isFull` knows, where the user has as many open tasks as there may be. */
export function requireRoom(sql: Sql, userId: string): Statement {
  return sql`
    select expect_room(count(*), ${OPEN_TASKS_PER_USER})
    from (select from tasks where user_id = ${userId} and status = 'open' and deleted_at is null
          limit ${OPEN_TASKS_PER_USER}) open_tasks`;
}

/** A due time as its two columns hold it. */
function dueColumns({ due }: Task): { local: string | null; timeZone: string | null } {
  return { local: due && localOf(due), timeZone: due?.timeZone ?? null };
}

/**
 * Writes the next version of a task and its reminders over the version before it; see `exactlyOne`. What a task never
 * changes (its user, series and creation) is left alone.
 */
export function updateTask(sql: Sql, userId: string, task: Task): Statement[] {
  const due = dueColumns(task);
  return [
    exactlyOne(
      sql,
      sql`
      update tasks
      set title = ${task.title}, description = ${task.description}, priority = ${task.priority},
          tags = ${task.tags}::text[], status = ${task.status}, due_local = ${due.local},
          due_time_zone = ${due.timeZone}, due_at = ${task.dueAt}, version = ${task.version},
          updated_at = ${task.updatedAt}, completed_at = ${task.completedAt}, deleted_at = ${task.deletedAt}
      where id = ${task.id} and user_id = ${userId} and version = ${task.version - 1}
      returning id`,
    ),
    ...replaceReminders(sql, task.id, userId, task.reminders),
  ];
}

/** The user's task, or no row where it is absent, deleted, or somebody else's. */
export function selectTask(sql: Sql, userId: string, id: string): Statement {
  return sql`
    select ${taskColumns(sql)} from tasks t where t.user_id = ${userId} and t.id = ${id} and t.deleted_at is null`;
}

/** As `selectTask`, also where it is deleted and can be restored. */
export function selectTaskOrDeleted(sql: Sql, userId: string, id: string): Statement {
  return sql`select ${taskColumns(sql)} from tasks t where t.user_id = ${userId} and t.id = ${id}`;
}

/** The columns of a task, of a row of `tasks` named `t`. */
export function taskColumns(sql: Sql): Statement {
  return sql`
    t.id, t.title, t.description, t.priority, t.tags, t.status, t.due_local, t.due_time_zone, t.due_at,
           t.series_id, t.occurrence_local, t.version, t.created_at, t.updated_at, t.completed_at, t.deleted_at,
           (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'spec', r.spec, 'status', r.status, 'snoozed', r.snoozed, 'remindAt',
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
  deleted_at: z.date().nullable(),
  reminders: z.array(taskReminderSchema),
});

/** The task that `selectTask` found; throws `not_found` where it found none. */
export function foundTask([rows]: Row[][]): Task {
  const row = rows?.[0];
  if (!row) throw new DomainError('not_found', 'There is no such task.');
  return toTask(row);
}

/**
 * Removes at most `limit` tasks that were deleted before `before`, and tells the change feed what it no longer knows:
 * exactly what was removed, whatever another purge or a restore does at the same time.
 */
export function purgeDeletedTasks(sql: Sql, before: Date, limit: number): Statement[] {
  return [
    // One purge at a time.
    sql`select from feed_horizon for update`,
    sql`
      with purged as (
        delete from tasks where deleted_at < ${before}
          and id in (select id from tasks where deleted_at < ${before} order by deleted_at limit ${limit})
        returning changed_in
      )
      update feed_horizon
      set settled_in = pg_current_xact_id(),
          changed_in = greatest(changed_in, (select changed_in from purged order by changed_in desc limit 1))`,
  ];
}

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
    deletedAt: task.deleted_at?.toISOString() ?? null,
  };
}

function toDue(local: string | null, timeZone: string | null): Due | null {
  if (local === null || timeZone === null) return null;
  return isAllDay(local) ? { date: local, timeZone } : { dateTime: local, timeZone };
}
