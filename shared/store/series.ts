import * as z from 'zod/mini';
import { DomainError } from '../domain/errors.ts';
import { SERIES_PER_USER } from '../domain/limits.ts';
import { creationLead, type Series, seriesStateSchema } from '../domain/series.ts';
import { type Task, taskTemplateSchema } from '../domain/task.ts';
import { calendarColumns, toCalendar } from './calendarColumns.ts';
import { exactlyOne, type Position, type Row, type Sql, type Statement } from './database.ts';
import { taskColumns } from './tasks.ts';

/** As many instances as a daily series with the longest reminder has ahead: so many change with their series at once. */
const INSTANCES_CHANGED = 400;

const seriesRow = z.extend(calendarColumns, {
  id: z.string(),
  user_id: z.string(),
  template: taskTemplateSchema,
  mode: z.enum(['fixed', 'after_completion']),
  missed: z.enum(['latest', 'all', 'skip']),
  overlap: z.enum(['single_open', 'allow']),
  state: seriesStateSchema,
  next_local: z.nullable(z.string()),
  next_at: z.nullable(z.date()),
  last_local: z.nullable(z.string()),
  done_on: z.nullable(z.string()),
  made: z.int(),
  passed_over: z.int(),
  version: z.int(),
  created_at: z.date(),
  updated_at: z.date(),
});

/** The columns of a series, of a row of `series` named `s`. */
export function seriesColumns(sql: Sql): Statement {
  return sql`
    s.id, s.user_id, s.template, s.rule, s.start_local, s.time_zone, s.floating, s.overflow, s.gap, s.exdates, s.rdates,
    s.mode, s.missed, s.overlap, s.state, s.next_local, s.next_at, s.last_local, s.done_on, s.made, s.passed_over,
    s.version, s.created_at, s.updated_at`;
}

/** The series that a row of this file's statements holds. */
export function toSeries(row: Row): Series {
  const series = seriesRow.parse(row);
  const { mode, missed, overlap, next_local: local, next_at: at } = series;
  return {
    id: series.id,
    userId: series.user_id,
    template: series.template,
    calendar: toCalendar(series),
    choices: { mode, missed, overlap },
    state: series.state,
    next: local !== null && at !== null ? { local, at } : null,
    last: series.last_local,
    doneOn: series.done_on,
    made: series.made,
    passedOver: series.passed_over,
    version: series.version,
    createdAt: series.created_at.toISOString(),
    updatedAt: series.updated_at.toISOString(),
  };
}

/** The series that a statement found; throws `not_found` where it found none. */
export function foundSeries(rows: Row[] | undefined): Series {
  const row = rows?.[0];
  if (!row) throw new DomainError('not_found', 'There is no such series.');
  return toSeries(row);
}

/** The user's series, or no row where it is absent or somebody else's. */
export function selectSeries(sql: Sql, userId: string, id: string): Statement {
  return sql`select ${seriesColumns(sql)} from series s where s.user_id = ${userId} and s.id = ${id}`;
}

/** The user's series, newest first; of one state, where that is given. */
export function selectSeriesList(
  sql: Sql,
  userId: string,
  { state, limit, after }: { state: Series['state'] | undefined; limit: number; after: Position | null },
): Statement {
  const ofState = state ? sql`and s.state = ${state}` : sql``;
  const rest = after
    ? sql`and (s.created_at, s.id) < (${after[0]}::timestamp at time zone 'UTC', ${after[1]}::uuid)`
    : sql``;
  return sql`
    select ${seriesColumns(sql)}, jsonb_build_array(s.created_at at time zone 'UTC', s.id) as position
    from series s where s.user_id = ${userId} ${ofState} ${rest}
    order by s.created_at desc, s.id desc limit ${limit}`;
}

/** Of a task's series: the one row where it counts from completions and has not ended. */
export function selectSeriesToCount(sql: Sql, userId: string, taskId: string): Statement {
  return sql`
    select ${seriesColumns(sql)} from tasks t join series s on s.id = t.series_id
    where t.id = ${taskId} and t.user_id = ${userId} and s.user_id = ${userId}
      and s.mode = 'after_completion' and s.state <> 'ended'`;
}

/** Where the next instance of a series is due to be made: its row. */
export function selectSeriesIfDue(sql: Sql, userId: string, id: string, now: Date): Statement {
  return sql`
    select ${seriesColumns(sql)} from series s
    where s.id = ${id} and s.user_id = ${userId} and s.create_at <= ${now}`;
}

/** Where a series stands in the order in which the cron takes them. `toDuePosition` reads it from a row. */
export type DuePosition = readonly [createAt: string, id: string];

/**
 * At most `limit` series of which an instance is due to be made, behind those up to `after`. Takes no lock: what is
 * written on them is guarded.
 */
export function selectDueSeries(sql: Sql, now: Date, limit: number, after: DuePosition | null): Statement {
  const rest = after ? sql`and (s.create_at, s.id) > (${after[0]}::timestamptz, ${after[1]}::uuid)` : sql``;
  return sql`
    select ${seriesColumns(sql)}, s.create_at::text as position from series s
    where s.create_at <= ${now} ${rest} order by s.create_at, s.id limit ${limit}`;
}

/** Where the series of a row of `selectDueSeries` stands. */
export function toDuePosition(row: Row): DuePosition {
  return [String(row.position), String(row.id)];
}

/** Open instances of a series by slot, those with the latest slots if there are very many. */
export function selectOpenInstances(sql: Sql, userId: string, seriesId: string): Statement {
  return sql`
    select * from (
      select ${taskColumns(sql)} from tasks t
      where t.series_id = ${seriesId} and t.user_id = ${userId} and t.status = 'open' and t.deleted_at is null
      order by t.occurrence_local desc limit ${INSTANCES_CHANGED}
    ) instances order by occurrence_local`;
}

/** Slots of instances of a series that are done or deleted, the latest if there are very many. `toSlots` reads them. */
export function selectDoneSlots(sql: Sql, userId: string, seriesId: string): Statement {
  return sql`
    select occurrence_local as slot from tasks
    where series_id = ${seriesId} and user_id = ${userId} and (status <> 'open' or deleted_at is not null)
    order by occurrence_local desc limit ${INSTANCES_CHANGED}`;
}

/** The slots that `selectDoneSlots` found. */
export function toSlots(rows: readonly Row[]): string[] {
  return rows.map(({ slot }) => String(slot));
}

/** The instance of a slot, also where it is done or deleted. */
export function selectInstance(sql: Sql, userId: string, seriesId: string, slot: string): Statement {
  return sql`
    select ${taskColumns(sql)} from tasks t
    where t.series_id = ${seriesId} and t.user_id = ${userId} and t.occurrence_local = ${slot}`;
}

/** Rolls the batch back, as `requireRoom` does, where the user has as many series that go on as there may be. */
export function requireRoomForSeries(sql: Sql, userId: string): Statement {
  return sql`
    select expect_room(count(*), ${SERIES_PER_USER}, 'series')
    from (select from series where user_id = ${userId} and state <> 'ended' limit ${SERIES_PER_USER}) going_on`;
}

/** Writes a new series; `scheduleNext`, behind its instances, says when the next one is due to be made. */
export function insertSeries(sql: Sql, series: Series): Statement {
  const { calendar, choices, next } = series;
  return sql`
    insert into series (id, user_id, template, rule, start_local, time_zone, floating, overflow, gap, exdates, rdates,
                        mode, missed, overlap, state, next_local, next_at, last_local, done_on, made, passed_over,
                        lead_ms, version, created_at, updated_at)
    values (${series.id}, ${series.userId}, ${JSON.stringify(series.template)}::jsonb, ${calendar.rule},
            ${calendar.start}, ${calendar.timeZone}, ${calendar.floating ?? false}, ${calendar.overflow}, ${calendar.gap},
            ${calendar.exdates}::text[], ${calendar.rdates}::text[],
            ${choices.mode}, ${choices.missed}, ${choices.overlap}, ${series.state},
            ${next?.local ?? null}, ${next?.at ?? null}, ${series.last}, ${series.doneOn},
            ${series.made}, ${series.passedOver}, ${creationLead(series.template.reminders)},
            ${series.version}, ${series.createdAt}, ${series.updatedAt})`;
}

/**
 * Writes the next version of a series over the version before it; see `exactlyOne`. Stands behind the writes to its
 * tasks, so that nobody waits for each other, and before `scheduleNext`.
 */
export function updateSeries(sql: Sql, series: Series): Statement {
  const { calendar, choices, next } = series;
  return exactlyOne(
    sql,
    sql`
    update series
    set template = ${JSON.stringify(series.template)}::jsonb, rule = ${calendar.rule}, start_local = ${calendar.start},
        time_zone = ${calendar.timeZone}, floating = ${calendar.floating ?? false}, overflow = ${calendar.overflow}, gap = ${calendar.gap},
        exdates = ${calendar.exdates}::text[], rdates = ${calendar.rdates}::text[],
        mode = ${choices.mode}, missed = ${choices.missed}, overlap = ${choices.overlap}, state = ${series.state},
        next_local = ${next?.local ?? null}, next_at = ${next?.at ?? null}, last_local = ${series.last},
        done_on = ${series.doneOn}, made = ${series.made}, passed_over = ${series.passedOver},
        lead_ms = ${creationLead(series.template.reminders)}, version = ${series.version},
        updated_at = ${series.updatedAt}, create_at = null
    where id = ${series.id} and user_id = ${series.userId} and version = ${series.version - 1}
    returning id`,
  );
}

/**
 * Rolls the batch back, as a stale write, unless a series is as it was read and an instance of it is due to be made. It
 * is locked: of two who make one at once, one does.
 */
export function claimDueSeries(sql: Sql, { id, userId, version }: Series): Statement {
  return exactlyOne(
    sql,
    sql`
    select id from series
    where id = ${id} and user_id = ${userId} and version = ${version} and create_at is not null
    for no key update`,
  );
}

/**
 * Says when the next instance of a series is due to be made: see `series_create_at` in the database. Runs behind every
 * write that makes, completes, deletes, reopens or restores an instance, or changes the series. It locks the series by a
 * statement of its own, since one sees what was committed when it began: of two who complete the last open instances at
 * once, the second must see what the first did. What is due already can be made from `notBefore` on.
 */
export function scheduleNext(sql: Sql, userId: string, seriesId: string, notBefore: Date | null = null): Statement[] {
  return [
    sql`select from series where id = ${seriesId} and user_id = ${userId} for no key update`,
    sql`
      update series s
      set create_at = (select case when at is not null then greatest(at, ${notBefore}::timestamptz) end
                       from series_create_at(s) at)
      where id = ${seriesId} and user_id = ${userId}`,
  ];
}

/** As `scheduleNext`, of the series that a task is an instance of; nothing to do for a task of no series. */
export function scheduleNextOf(sql: Sql, userId: string, { seriesId }: Task): Statement[] {
  return seriesId === null ? [] : scheduleNext(sql, userId, seriesId);
}
