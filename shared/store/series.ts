import * as z from 'zod';
import type { Calendar, Occurrence } from '../domain/recurrence.ts';
import { type Task, type TaskTemplate, taskTemplateSchema } from '../domain/task.ts';
import { exactlyOne, type Row, type Sql, type Statement } from './database.ts';

const seriesRow = z.object({
  id: z.string(),
  user_id: z.string(),
  template: taskTemplateSchema,
  rule: z.string(),
  start_local: z.string(),
  time_zone: z.string(),
  overflow: z.enum(['clamp', 'skip']),
  gap: z.enum(['shift', 'skip']),
  next_local: z.string(),
  next_at: z.date(),
  lead_ms: z.coerce.number(),
});

/** A series that has a next occurrence. */
export interface Series {
  id: string;
  userId: string;
  template: TaskTemplate;
  calendar: Calendar;
  next: Occurrence;
  /** An instance is made this long before its slot, in milliseconds. */
  leadMs: number;
}

/** Writes a series whose first instance is written with it: the next one waits until that one is done. */
export function insertSeries(
  sql: Sql,
  series: Omit<Series, 'next'> & { next: Occurrence | null },
  now: Date,
): Statement {
  const { calendar, next } = series;
  return sql`
    insert into series (id, user_id, template, rule, start_local, time_zone, overflow, gap,
                        next_local, next_at, lead_ms, created_at)
    values (${series.id}, ${series.userId}, ${JSON.stringify(series.template)}::jsonb, ${calendar.rule},
            ${calendar.start}, ${calendar.timeZone}, ${calendar.overflow}, ${calendar.gap},
            ${next?.local ?? null}, ${next?.at ?? null}, ${series.leadMs}, ${now})`;
}

/**
 * At most `limit` series of which an instance is due to be made, by id, behind the series `after`. Takes no lock: what
 * is written on them is guarded.
 */
export function selectSeriesToCreate(sql: Sql, now: Date, limit: number, after: string | null): Statement {
  return sql`
    select id, user_id, template, rule, start_local, time_zone, overflow, gap, next_local, next_at, lead_ms
    from series where create_at <= ${now} and (${after}::uuid is null or id > ${after}) order by id limit ${limit}`;
}

/** The series that a row of `selectSeriesToCreate` holds. */
export function toSeries(row: Row): Series {
  const series = seriesRow.parse(row);
  return {
    id: series.id,
    userId: series.user_id,
    template: series.template,
    calendar: {
      rule: series.rule,
      start: series.start_local,
      timeZone: series.time_zone,
      overflow: series.overflow,
      gap: series.gap,
      exdates: [],
      rdates: [],
    },
    next: { local: series.next_local, at: series.next_at },
    leadMs: series.lead_ms,
  };
}

/** Moves a series on to `next`, if it still stands where it was read; see `exactlyOne`. */
export function advanceSeries(
  sql: Sql,
  series: Series,
  { next, passedOver }: { next: Occurrence | null; passedOver: number },
): Statement {
  return exactlyOne(
    sql,
    sql`
    update series set next_local = ${next?.local ?? null}, next_at = ${next?.at ?? null}, create_at = null,
                      passed_over = passed_over + ${passedOver}
    where id = ${series.id} and user_id = ${series.userId}
      and next_local = ${series.next.local} and create_at is not null
    returning id`,
  );
}

/**
 * Lets the next instance of a series be made if none is open, or else holds it back: there is no pile of open copies.
 * Runs behind the write that completed, deleted, reopened or restored a task; nothing to do for one of no series.
 */
export function releaseOrHoldSeries(sql: Sql, { seriesId }: Task, userId: string): Statement[] {
  if (!seriesId) return [];
  const write = sql`
    update series set create_at = case
        when exists (select from tasks where series_id = ${seriesId} and status = 'open' and deleted_at is null) then null
        else next_at - lead_ms * interval '1 millisecond' end
    where id = ${seriesId} and user_id = ${userId} and next_at is not null`;
  return [write];
}
