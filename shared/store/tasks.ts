import * as z from 'zod/mini';
import { type Due, localOf, toDue } from '../domain/due.ts';
import { DomainError } from '../domain/errors.ts';
import { OPEN_TASKS_PER_USER } from '../domain/limits.ts';
import { prioritySchema, type Task, taskReminderSchema, taskStatusSchema } from '../domain/task.ts';
import { exactly, type Row, type Sql, type Statement } from './database.ts';
import { replaceReminders, writeReminders } from './reminders.ts';

/** Writes a new task and its reminders. */
export function insertTask(sql: Sql, userId: string, task: Task): Statement[] {
  return insertTasks(sql, userId, [task]);
}

/** Writes new tasks and their reminders, in as many statements as for one. */
export function insertTasks(sql: Sql, userId: string, tasks: readonly Task[]): Statement[] {
  return [
    sql`
      insert into tasks (id, user_id, title, description, priority, tags, status, due_local, due_time_zone, due_floating,
                         due_at, series_id, occurrence_local, version, created_at, updated_at)
      select id, ${userId}, title, description, priority, tags, status, due_local, due_time_zone, due_floating,
             due_at, series_id, occurrence_local, version, created_at, updated_at
      from jsonb_populate_recordset(null::tasks, ${JSON.stringify(tasks.map(toColumns))}::jsonb)`,
    writeReminders(sql, userId, tasks),
  ];
}

/**
 * Rolls the batch back, with an error that `limitReached` knows, where the user would have more open tasks with so many
 * more than there may be.
 */
export function requireRoom(sql: Sql, userId: string, more = 1): Statement {
  const room = OPEN_TASKS_PER_USER - more + 1;
  return sql`
    select expect_room(count(*), ${room}, 'open tasks')
    from (select from tasks where user_id = ${userId} and status = 'open' and deleted_at is null
          limit ${room}) open_tasks`;
}

/** A task as the columns of its table hold it. */
function toColumns(task: Task): Row {
  return {
    ...{ id: task.id, title: task.title, description: task.description, priority: task.priority, tags: task.tags },
    ...{ status: task.status, version: task.version, series_id: task.seriesId, occurrence_local: task.occurrence },
    ...{ due_local: task.due && localOf(task.due), due_time_zone: task.due?.timeZone ?? null, due_at: task.dueAt },
    due_floating: task.due?.floating ?? false,
    ...{ created_at: task.createdAt, updated_at: task.updatedAt },
    ...{ completed_at: task.completedAt, deleted_at: task.deletedAt },
  };
}

/** Writes the next version of a task and its reminders over the version before it; see `exactlyOne`. */
export function updateTask(sql: Sql, userId: string, task: Task): Statement[] {
  return updateTasks(sql, userId, [task]);
}

/**
 * Writes the next versions of tasks and their reminders over the versions before them, in as many statements as for one;
 * see `exactly`. What a task never changes (its user and creation) is left alone.
 */
export function updateTasks(sql: Sql, userId: string, tasks: readonly Task[]): Statement[] {
  return [
    exactly(
      sql,
      tasks.length,
      sql`
      update tasks t
      set title = n.title, description = n.description, priority = n.priority, tags = n.tags, status = n.status,
          due_local = n.due_local, due_time_zone = n.due_time_zone, due_floating = n.due_floating,
          due_at = n.due_at,
          series_id = n.series_id, occurrence_local = n.occurrence_local, version = n.version,
          updated_at = n.updated_at, completed_at = n.completed_at, deleted_at = n.deleted_at
      from jsonb_populate_recordset(null::tasks, ${JSON.stringify(tasks.map(toColumns))}::jsonb) n
      where t.id = n.id and t.user_id = ${userId} and t.version = n.version - 1
      returning t.id`,
    ),
    ...replaceReminders(sql, userId, tasks),
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
    t.id, t.title, t.description, t.priority, t.tags, t.status, t.due_local, t.due_time_zone, t.due_floating,
           t.due_at, t.series_id, t.occurrence_local, t.version, t.created_at, t.updated_at, t.completed_at, t.deleted_at,
           (select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'spec', r.spec, 'status', r.status, 'snoozed', r.snoozed, 'remindAt',
                     to_char(r.remind_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) order by r.remind_at, r.id), '[]')
            from reminders r where r.task_id = t.id) as reminders`;
}

type DueColumns = Pick<z.output<typeof taskRow>, 'due_local' | 'due_time_zone' | 'due_floating'>;

const taskRow = z.object({
  id: z.string(),
  title: z.string(),
  description: z.nullable(z.string()),
  priority: prioritySchema,
  tags: z.array(z.string()),
  status: taskStatusSchema,
  due_local: z.nullable(z.string()),
  due_time_zone: z.nullable(z.string()),
  due_floating: z.boolean(),
  due_at: z.nullable(z.date()),
  series_id: z.nullable(z.string()),
  occurrence_local: z.nullable(z.string()),
  version: z.int(),
  created_at: z.date(),
  updated_at: z.date(),
  completed_at: z.nullable(z.date()),
  deleted_at: z.nullable(z.date()),
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
          changed_in = greatest(changed_in, (select changed_in from purged order by changed_in desc limit 1))
      returning (select count(*)::int from purged) as purged`,
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
    due: dueIn(task),
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

/** The due time that the columns of a task hold. */
export function dueIn({ due_local, due_time_zone, due_floating }: DueColumns): Due | null {
  if (due_local === null || due_time_zone === null) return null;
  return toDue(due_local, { timeZone: due_time_zone, ...(due_floating && { floating: true }) });
}
