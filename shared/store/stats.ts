import * as z from 'zod/mini';
import { type DayRange, delta, type Milestones, type Stats } from '../domain/stats.ts';
import type { Row, Sql, Statement } from './database.ts';

/** Brings the statistics from what a task was to what it is; null: it was not there, or is not any more. */
export function countChange(sql: Sql, userId: string, before: Milestones | null, after: Milestones | null): Statement {
  // In one order everywhere, so that two handlers never wait for each other.
  return sql`
    insert into stats_slots (user_id, slot, created, completed, late)
    select ${userId}, slot, created, completed, late
    from jsonb_to_recordset(${JSON.stringify(delta(before, after))}::jsonb)
      as increments (slot timestamptz, created int, completed int, late int)
    order by slot
    on conflict (user_id, slot) do update
    set created = stats_slots.created + excluded.created, completed = stats_slots.completed + excluded.completed,
        late = stats_slots.late + excluded.late`;
}

/** A user's statistics, for `toStats`: the days of a range, the streaks, and the open tasks. */
export function selectStats(sql: Sql, userId: string, range: DayRange, now: Date): Statement[] {
  return [selectDays(sql, userId, range, now), selectStreaks(sql, userId, range), countOpen(sql, userId, now)];
}

function selectDays(sql: Sql, userId: string, { timeZone, from, to }: DayRange, now: Date): Statement {
  // No zone is a day or more away from UTC, so a day on each side is enough to look through.
  return sql`
    with counts as (
      select (slot at time zone ${timeZone})::date as day, created, completed, late as overdue
      from stats_slots
      where user_id = ${userId} and slot >= (${from}::date - 1)::timestamp at time zone 'UTC'
        and slot < (${to}::date + 2)::timestamp at time zone 'UTC'
      union all
      select ((due_at - interval '1 millisecond') at time zone ${timeZone})::date, 0, 0, 1
      from tasks
      where user_id = ${userId} and deleted_at is null and status = 'open' and due_at < ${now}
    )
    select to_char(day, 'YYYY-MM-DD') as date, greatest(coalesce(sum(created), 0), 0)::int as created,
           greatest(coalesce(sum(completed), 0), 0)::int as completed,
           greatest(coalesce(sum(overdue), 0), 0)::int as overdue
    from (select ${from}::date + number as day from generate_series(0, ${to}::date - ${from}::date) number) days
    left join counts using (day)
    group by day order by day`;
}

/** Days in a row are those whose dates, less their place among all days with a completion, are the same. */
function selectStreaks(sql: Sql, userId: string, { timeZone, today }: DayRange): Statement {
  return sql`
    with days as (
      select (slot at time zone ${timeZone})::date as day
      from stats_slots where user_id = ${userId} group by 1 having sum(completed) > 0
    ), streaks as (
      select max(day) as last_day, count(*)::int as length
      from (select day, day - row_number() over (order by day)::int as streak from days) numbered group by streak
    )
    select coalesce(max(length) filter (where last_day >= ${today}::date - 1), 0) as current,
           coalesce(max(length), 0) as longest
    from streaks`;
}

function countOpen(sql: Sql, userId: string, now: Date): Statement {
  return sql`
    select count(*)::int as open, (count(*) filter (where due_at < ${now}))::int as overdue
    from tasks where user_id = ${userId} and deleted_at is null and status = 'open'`;
}

const dayRow = z.object({ date: z.string(), created: z.int(), completed: z.int(), overdue: z.int() });
const streakRow = z.object({ current: z.int(), longest: z.int() });
const openRow = z.object({ open: z.int(), overdue: z.int() });

/** The statistics that the rows of `selectStats` hold. */
export function toStats([days = [], streaks = [], open = []]: Row[][], { timeZone }: DayRange): Stats {
  return {
    timeZone,
    days: days.map((row) => dayRow.parse(row)),
    streak: streakRow.parse(streaks[0]),
    ...openRow.parse(open[0]),
  };
}
