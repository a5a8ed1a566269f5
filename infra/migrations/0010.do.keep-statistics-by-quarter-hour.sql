-- Every zone's offset is a multiple of a quarter of an hour (since 1972), so counts that are kept by quarter-hours can be
-- added up to the days of any zone. Counts may be negative for a while, when one topic's events overtake another's.
create table stats_slots (
  user_id text not null,
  -- the start of the quarter-hour
  slot timestamptz not null,
  created integer not null default 0,
  completed integer not null default 0,
  -- completed after they were due, in the last quarter-hour before that
  late integer not null default 0,
  primary key (user_id, slot)
);

alter table stats_slots enable row level security;
create policy own_rows on stats_slots to evolution_todo_user using (user_id = current_setting('app.user_id', true));
create policy all_rows on stats_slots to evolution_todo_system using (true);
grant select, insert, update on stats_slots to evolution_todo_user;
grant select, insert, update, delete on stats_slots to evolution_todo_system;

-- What a task adds to the statistics: the rule of shared/domain/stats.ts, for rebuilding them.
create function task_contributions(created_at timestamptz, due_at timestamptz, completed_at timestamptz)
returns table (slot timestamptz, created integer, completed integer, late integer)
language sql immutable as $$
  select date_bin('15 minutes', at, 'epoch'), created, completed, late
  from (values (created_at, 1, 0, 0),
               (completed_at, 0, 1, 0),
               (case when completed_at > due_at then due_at - interval '1 millisecond' end, 0, 0, 1))
    as milestones (at, created, completed, late)
  where at is not null
$$;

-- Counts anew from the tasks, of one user or (null) of all, and returns how many slots that came to. What events that
-- are still on their way will add is left out; they are known by having no record in the inbox. The lock makes that
-- exact: handlers are either done, and seen here, or wait, and add to the new counts.
create function rebuild_stats(only_user text) returns bigint
language plpgsql as $$
declare
  slots bigint;
begin
  lock table stats_slots in share row exclusive mode;
  delete from stats_slots where only_user is null or user_id = only_user;
  with pending as (
    select o.user_id, o.data as after,
           case o.event_type when 'task.updated' then o.data -> 'previous'
                             when 'task.completed' then o.data - 'completed_at'
                             when 'task.deleted' then o.data end as before,
           o.event_type = 'task.deleted' as gone
    from outbox o
    join (values ('task.created', 'onTaskCreated'), ('task.updated', 'onTaskUpdated'),
                 ('task.completed', 'onTaskCompleted'), ('task.deleted', 'onTaskDeleted'))
      as handlers (event_type, function) on handlers.event_type = o.event_type
    where (only_user is null or o.user_id = only_user)
      and not exists (select from inbox i where i.function = handlers.function and i.event_id = o.event_id)
  ), states as (
    select t.user_id, 1 as times, t.created_at, t.due_at, t.completed_at
    from tasks t where t.deleted_at is null and (only_user is null or t.user_id = only_user)
    union all
    select p.user_id, s.times, (s.state ->> 'created_at')::timestamptz, (s.state ->> 'due_at')::timestamptz,
           (s.state ->> 'completed_at')::timestamptz
    from pending p
    cross join lateral (values (-1, case when not p.gone then p.after end), (1, p.before)) as s (times, state)
  )
  insert into stats_slots (user_id, slot, created, completed, late)
  select s.user_id, c.slot, sum(s.times * c.created), sum(s.times * c.completed), sum(s.times * c.late)
  from states s cross join lateral task_contributions(s.created_at, s.due_at, s.completed_at) c
  group by s.user_id, c.slot
  having sum(s.times * c.created) <> 0 or sum(s.times * c.completed) <> 0 or sum(s.times * c.late) <> 0;
  get diagnostics slots = row_count;
  return slots;
end
$$;
revoke execute on function rebuild_stats(text) from public;

-- Nobody listened to these until now. They are counted here, and must not be counted again when a broker that kept
-- them hands them to the new functions.
insert into inbox (function, event_id, processed_at)
select handlers.function, o.event_id, now()
from outbox o
join (values ('task.updated', 'onTaskUpdated'), ('task.completed', 'onTaskCompleted'), ('task.deleted', 'onTaskDeleted'))
  as handlers (event_type, function) on handlers.event_type = o.event_type
on conflict do nothing;

select rebuild_stats(null);
drop table daily_stats;
