import * as z from 'zod/mini';
import type { CalendarSeries, CalendarTask } from '../domain/iCalendar/entries.ts';
import { taskTemplateSchema } from '../domain/task.ts';
import { calendarColumns, toCalendar } from './calendarColumns.ts';
import type { Row, Sql, Statement } from './database.ts';
import { dueIn } from './tasks.ts';

/** A calendar shows the beginning of what is longer: 5,000 tasks must fit into one answer of the database. */
const SHOWN_OF_DESCRIPTION = 1_000;

/** How many rows a calendar has at most of each kind, and from when on those that are done. */
export interface CalendarBounds {
  limit: number;
  completedSince: Date;
}

/** The user's tasks that a calendar shows: open ones, earliest due first, then those done since, latest first. */
export function selectCalendarTasks(sql: Sql, userId: string, { limit, completedSince }: CalendarBounds): Statement {
  return sql`
    with shown as (
      (select id, 1 as part, row_number() over (order by due_or_never, created_at, id) as place
       from tasks where user_id = ${userId} and status = 'open' and deleted_at is null
       order by due_or_never, created_at, id limit ${limit})
      union all
      (select id, 2, row_number() over (order by completed_at desc, id)
       from tasks where user_id = ${userId} and status = 'completed' and deleted_at is null
         and completed_at >= ${completedSince}
       order by completed_at desc, id limit ${limit})
      order by part, place limit ${limit}
    )
    select t.id, t.title, t.priority, t.tags, t.status, t.due_local, t.due_time_zone, t.due_floating, t.version, t.updated_at,
           t.completed_at, left(t.description, ${SHOWN_OF_DESCRIPTION}) as description,
           length(t.description) > ${SHOWN_OF_DESCRIPTION} as is_cut,
           (select coalesce(array_agg(to_char(r.remind_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
                                      order by r.remind_at, r.id) filter (where r.status = 'pending'), '{}')
            from reminders r where r.task_id = t.id) as remind_at
    from shown join tasks t on t.id = shown.id
    order by shown.part, shown.place`;
}

/**
 * The user's series whose times the calendar decides, the one that recurs next first; `taken`: which times from then on
 * have a task already. One that counts from completions has no times before those.
 */
export function selectCalendarSeries(sql: Sql, userId: string, limit: number): Statement {
  return sql`
    select s.id, s.template, s.rule, s.start_local, s.time_zone, s.floating, s.overflow, s.gap, s.exdates, s.rdates,
           s.next_local, s.next_at, s.updated_at,
           array(select t.occurrence_local from tasks t
                 where t.series_id = s.id and t.user_id = ${userId} and t.occurrence_local collate "C" >= s.next_local
                 order by t.occurrence_local) as taken
    from series s
    where s.user_id = ${userId} and s.state = 'active' and s.mode = 'fixed' and s.next_at is not null
    order by s.next_at, s.id limit ${limit}`;
}

const taskRow = z.object({
  id: z.string(),
  title: z.string(),
  description: z.nullable(z.string()),
  is_cut: z.nullable(z.boolean()),
  priority: z.enum(['low', 'medium', 'high']),
  tags: z.array(z.string()),
  status: z.enum(['open', 'completed']),
  due_local: z.nullable(z.string()),
  due_time_zone: z.nullable(z.string()),
  due_floating: z.boolean(),
  version: z.int(),
  updated_at: z.date(),
  completed_at: z.nullable(z.date()),
  remind_at: z.array(z.string()),
});

/** The task that a row of `selectCalendarTasks` holds. */
export function toCalendarTask(row: Row): CalendarTask {
  const task = taskRow.parse(row);
  return {
    id: task.id,
    title: task.title,
    description: task.is_cut ? `${task.description}…` : task.description,
    priority: task.priority,
    tags: task.tags,
    status: task.status,
    due: dueIn(task),
    version: task.version,
    updatedAt: task.updated_at.toISOString(),
    completedAt: task.completed_at?.toISOString() ?? null,
    remindAt: task.remind_at,
  };
}

const seriesRow = z.extend(calendarColumns, {
  id: z.string(),
  template: taskTemplateSchema,
  next_local: z.string(),
  next_at: z.date(),
  updated_at: z.date(),
  taken: z.array(z.string()),
});

/** The series that a row of `selectCalendarSeries` holds. */
export function toCalendarSeries(row: Row): CalendarSeries {
  const { id, template, taken, updated_at, next_local, next_at, ...columns } = seriesRow.parse(row);
  return {
    ...{ id, template, taken, updatedAt: updated_at.toISOString() },
    calendar: toCalendar(columns),
    next: { local: next_local, at: next_at },
  };
}
