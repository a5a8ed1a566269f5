-- Functions log in as evolution_todo_functions (or a role that is a member of it), which may do nothing by itself. Each
-- of their transactions takes on one of two roles: evolution_todo_user, which sees the rows of the user whom
-- app.user_id names, or evolution_todo_system, for what is no single user's. Neither owns a table, so none of them can
-- pass row-level security by. The owner, who migrates, is not bound by it.
do $$
declare
  name text;
begin
  foreach name in array array['evolution_todo_functions', 'evolution_todo_user', 'evolution_todo_system'] loop
    if not exists (select from pg_roles where rolname = name) then
      execute format('create role %I nologin noinherit', name);
    end if;
    -- Another database of this server may have got there first.
  end loop;
exception when duplicate_object or unique_violation then null;
end
$$;

do $$
declare
  edge record;
begin
  for edge in
    select granted, member
    from (values ('evolution_todo_user'), ('evolution_todo_system')) as roles (granted),
         (values ('evolution_todo_functions'), (current_user::text)) as members (member)
    union all select 'evolution_todo_functions', current_user::text
  loop
    if not pg_has_role(edge.member, edge.granted, 'member') then
      execute format('grant %I to %I', edge.granted, edge.member);
    end if;
  end loop;
end
$$;

grant select, insert, update on tasks, series, reminders, notifications, daily_stats to evolution_todo_user;
grant delete on reminders to evolution_todo_user;
grant select, insert on outbox to evolution_todo_user;
-- Says nothing but that a function took an event; the handler's transaction is its user's.
grant insert on inbox to evolution_todo_user;
grant select, insert, update, delete
  on tasks, series, reminders, notifications, daily_stats, outbox, inbox, dead_letters, event_failures
  to evolution_todo_system;

do $$
declare
  owned text;
begin
  foreach owned in array array['tasks', 'series', 'reminders', 'notifications', 'daily_stats', 'outbox'] loop
    execute format('alter table %I enable row level security', owned);
    execute format($policy$create policy own_rows on %I to evolution_todo_user
      using (user_id = current_setting('app.user_id', true))$policy$, owned);
    execute format('create policy all_rows on %I to evolution_todo_system using (true)', owned);
  end loop;
end
$$;
