-- What a series chooses, where it stands, and how far it is. COUNT of a series that counts from completions counts `made`.
alter table series
  add column mode text not null default 'fixed' check (mode in ('fixed', 'after_completion')),
  add column missed text not null default 'latest' check (missed in ('latest', 'all', 'skip')),
  add column overlap text not null default 'single_open' check (overlap in ('single_open', 'allow')),
  -- local times that the rule's are without, and further ones
  add column exdates text[] not null default '{}',
  add column rdates text[] not null default '{}',
  add column state text not null default 'active' check (state in ('active', 'paused', 'ended')),
  -- slot of the last instance made, if any: no later one lies before it, even where that instance was purged
  add column last_local text,
  -- local day of the completion that the next occurrence is counted from
  add column done_on text,
  add column made integer not null default 0 check (made >= 0),
  add column version integer not null default 1,
  add column updated_at timestamptz not null default now();

update series s
set state = case when next_at is null then 'ended' else 'active' end, updated_at = created_at,
    last_local = i.last_local, made = i.made
from (select s.id, max(t.occurrence_local) as last_local, count(t.id) as made
      from series s left join tasks t on t.series_id = s.id group by s.id) i
where i.id = s.id;

alter table series
  add check (mode = 'fixed' or (overlap = 'single_open' and rdates = '{}')),
  add check (state <> 'ended' or next_at is null),
  add check (state = 'ended' or next_at is not null or mode = 'after_completion'),
  add check (state = 'active' or create_at is null);

-- The cron takes what is due in this order, however many series wait.
drop index series_to_create;
create index series_to_create on series (create_at, id) where create_at is not null;
create index series_by_user on series (user_id, created_at desc, id desc);
create index series_not_ended on series (user_id) where state <> 'ended';
-- Whether an instance is open is asked by every write that makes, completes, deletes or changes one.
create index open_instances on tasks (series_id, occurrence_local) where status = 'open' and deleted_at is null;

-- A new schedule moves several instances by one statement, in which one takes the slot that another leaves.
alter table tasks
  drop constraint one_instance_per_occurrence,
  add constraint one_instance_per_occurrence unique (series_id, occurrence_local) deferrable initially immediate;

-- As the one with two arguments, and says which limit it is, in the error's field for a constraint.
create function expect_room(used bigint, allowed bigint, what text) returns void
language plpgsql as $$
begin
  if used >= allowed then
    raise exception 'limit reached: % of % (%)', used, allowed, what using errcode = 'ET003', constraint = what;
  end if;
end
$$;

-- When the next instance of a series is due to be made: it waits while another one is open, unless they may overlap.
create function series_create_at(s series) returns timestamptz
language sql stable as $$
  select case
    when s.state <> 'active' or s.next_at is null then null
    when s.overlap = 'single_open' and exists
      (select from tasks t where t.series_id = s.id and t.status = 'open' and t.deleted_at is null) then null
    else s.next_at - s.lead_ms * interval '1 millisecond'
  end
$$;
