import { type Check, scriptedTasks, sqlCheck } from './check.ts';

/** A change and its events are one, and so are an event and its effect. */
export const eventChecks: Check[] = [
  sqlCheck({
    promise: 'Every committed change wrote its events, once each',
    given: scriptedTasks,
    looked: 'select count(*)::text as looked from outbox',
    violations: `
      with counted as (
        select t.id as task_id, t.status, count(o.seq) filter (where o.event_type = 'task.created') as created,
               count(o.seq) filter (where o.event_type = 'task.completed') as completed,
               count(o.seq) filter (where o.event_type = 'recurring.trigger') as triggered,
               bool_or(o.event_type = 'task.created' and o.source <> '/evolution-todo/createTask') as follows
        from tasks t left join outbox o on o.task_id = t.id group by t.id, t.status
      ), reminded as (
        select r.task_id, r.id, r.status, count(o.seq) as due
        from reminders r left join outbox o on o.event_type = 'reminder.due' and o.data ->> 'reminder_id' = r.id::text
        group by r.task_id, r.id, r.status
      )
      select 'task ' || task_id || ': ' || created || ' task.created' as violation from counted where created <> 1
      union all
      select 'task ' || task_id || ', ' || status || ': ' || completed || ' task.completed' from counted
      where completed <> case status when 'completed' then 1 else 0 end and not $1::jsonb ? task_id::text
      union all
      select 'task ' || task_id || ': ' || triggered || ' recurring.trigger' from counted
      where triggered <> case when follows then 1 else 0 end
      union all
      select 'reminder ' || id || ', ' || status || ': ' || due || ' reminder.due' from reminded
      where due <> case status when 'triggered' then 1 else 0 end and not $1::jsonb ? task_id::text
      union all
      select event_type || ' ' || event_id || ' of no task' from outbox o
      where event_type <> 'delivery.due' and not exists (select from tasks t where t.id = o.task_id)
      union all
      select event_type || ' ' || event_id || ' of no delivery' from outbox o
      where event_type = 'delivery.due' and not exists (select from deliveries d where d.id = o.task_id)`,
  }),
  sqlCheck({
    promise: 'Every event took effect: its function recorded it, and no event that nobody wrote',
    given: ({ subscribers }) => subscribers,
    looked: `
      select count(*)::text as looked
      from outbox o join jsonb_to_recordset($1::jsonb) as s (type text, function text) on s.type = o.event_type`,
    violations: `
      with subscribers as (select * from jsonb_to_recordset($1::jsonb) as s (type text, function text)),
      expected as (select s.function, o.event_id, o.event_type from outbox o join subscribers s on s.type = o.event_type),
      recorded as (select i.function, i.event_id from inbox i where i.function in (select function from subscribers))
      select case when r.event_id is null then 'lost: ' else 'of nobody: ' end || coalesce(e.event_type, '?') || ' ' ||
             coalesce(e.event_id, r.event_id) || ' at ' || coalesce(e.function, r.function) as violation
      from expected e full join recorded r on r.function = e.function and r.event_id = e.event_id
      where e.event_id is null or r.event_id is null`,
  }),
  sqlCheck({
    promise: 'The outbox is empty: every event was published',
    looked: 'select count(*)::text as looked from outbox',
    violations: `select event_type || ' ' || event_id as violation from outbox where published_at is null`,
  }),
  sqlCheck({
    promise: 'Events of a task were written and published in order',
    looked: 'select count(distinct task_id)::text as looked from outbox',
    violations: `
      with ordered as (
        select task_id, seq, event_type, (data ->> 'version')::int as version, published_at,
               row_number() over by_task as place, lag((data ->> 'version')::int) over by_task as version_before,
               lag(published_at) over by_task as published_before
        from outbox where event_type <> 'delivery.due' window by_task as (partition by task_id order by seq)
      )
      select 'task ' || task_id || ' at ' || event_type || ', ' || seq as violation from ordered
      where (event_type = 'task.created') <> (place = 1) or version < version_before or published_at < published_before`,
  }),
  sqlCheck({
    promise: 'Events of a task, of one type, were handled in order',
    looked: 'select count(*)::text as looked from inbox',
    violations: `
      with handled as (
        select o.task_id, o.event_type, i.function, o.seq, i.processed_at,
               lag(i.processed_at) over (partition by i.function, o.task_id, o.event_type order by o.seq) as before
        from outbox o join inbox i on i.event_id = o.event_id
      )
      select 'task ' || task_id || ' at ' || event_type || ', ' || seq || ' in ' || function as violation
      from handled where processed_at < before`,
  }),
  sqlCheck({
    promise: 'Statistics are what a recount of the tasks gives',
    looked: 'select (coalesce(sum(created), 0) + coalesce(sum(completed), 0))::text as looked from stats_slots',
    violations: `
      with counted as (
        select user_id, created_at as at, 'created' as what from tasks where deleted_at is null
        union all
        select user_id, completed_at, 'completed' from tasks where deleted_at is null and completed_at is not null
        union all
        -- A due time is the end of the quarter-hour in which its task was due.
        select user_id, due_at - interval '1 ms', 'late' from tasks where deleted_at is null and completed_at > due_at
      ), recount as (
        select user_id, to_timestamp(floor(extract(epoch from at) / 900) * 900) as slot,
               count(*) filter (where what = 'created') as created,
               count(*) filter (where what = 'completed') as completed, count(*) filter (where what = 'late') as late
        from counted group by 1, 2
      ), compared as (
        select user_id, slot,
               array[coalesce(s.created, 0), coalesce(s.completed, 0), coalesce(s.late, 0)]::bigint[] as kept,
               array[coalesce(r.created, 0), coalesce(r.completed, 0), coalesce(r.late, 0)] as recounted
        from stats_slots s full join recount r using (user_id, slot)
      )
      select user_id || ' at ' || slot || ': ' || kept::text || ', recounted ' || recounted::text as violation
      from compared where kept <> recounted`,
  }),
];
