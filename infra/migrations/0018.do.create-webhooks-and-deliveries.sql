create table webhooks (
  id uuid primary key,
  user_id text not null,
  url text not null,
  description text,
  -- the kinds of notification that it is sent; null: those that the preferences send to webhooks
  kinds text[],
  -- AES-256-GCM under a key that the database does not have
  secret bytea not null,
  -- signs as well until then, so that receivers can change over
  previous_secret bytea,
  previous_secret_until timestamptz,
  disabled_at timestamptz,
  disabled_because text check (disabled_because in ('by_user', 'gone', 'failing')),
  -- since when every attempt has failed
  failing_since timestamptz,
  version integer not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  check ((previous_secret is null) = (previous_secret_until is null)),
  check ((disabled_at is null) = (disabled_because is null))
);

create index webhooks_by_user on webhooks (user_id, created_at desc, id desc);

-- What is sent out of the system, one row per channel and target, and what became of it. The inbox needs none: there the
-- notification is its own record.
create table deliveries (
  id uuid primary key,
  user_id text not null,
  -- the event that it tells of; null for what no event has caused
  event_id uuid,
  task_id uuid,
  kind text not null,
  channel text not null check (channel in ('webhook', 'email')),
  -- the webhook's id, or the address
  target text not null,
  message text not null,
  -- what the event says
  data jsonb not null,
  occurred_at timestamptz not null,
  status text not null check (status in ('pending', 'delivered', 'failed', 'cancelled')),
  attempts integer not null default 0,
  next_attempt_at timestamptz,
  -- somebody is at work on it until then; whoever dies loses it by time
  leased_until timestamptz,
  -- when its last delivery.due was written
  announced_at timestamptz,
  response_status integer,
  last_error text,
  created_at timestamptz not null,
  delivered_at timestamptz,
  constraint one_delivery_per_target unique (event_id, channel, target),
  check ((status = 'pending') = (next_attempt_at is not null)),
  check ((status = 'delivered') = (delivered_at is not null))
);

create index deliveries_by_user on deliveries (user_id, created_at desc, id desc);
create index deliveries_by_task on deliveries (task_id, created_at desc);
create index deliveries_due on deliveries (next_attempt_at) where status = 'pending';
create index deliveries_pending_by_target on deliveries (user_id, channel, target, next_attempt_at)
  where status = 'pending';
create index deliveries_ended on deliveries (created_at) where status <> 'pending';

do $$
declare
  owned text;
begin
  foreach owned in array array['webhooks', 'deliveries'] loop
    execute format('alter table %I enable row level security', owned);
    execute format($policy$create policy own_rows on %I to evolution_todo_user
      using (user_id = current_setting('app.user_id', true))$policy$, owned);
    execute format('create policy all_rows on %I to evolution_todo_system using (true)', owned);
  end loop;
end
$$;
grant select, insert, update on webhooks, deliveries to evolution_todo_user;
grant delete on webhooks to evolution_todo_user;
grant select, insert, update, delete on webhooks, deliveries to evolution_todo_system;

-- The first moment, from an instant on, at which the clocks of a zone show no quiet time. It follows them minute by
-- minute, so that what a change of the clocks skips or repeats is no case of its own.
create function after_quiet(at timestamptz, zone text, quiet_start time, quiet_end time) returns timestamptz
language plpgsql stable as $$
declare
  wall time := (at at time zone zone)::time;
begin
  while case when quiet_start < quiet_end then wall >= quiet_start and wall < quiet_end
             else wall >= quiet_start or wall < quiet_end end
  loop
    at := date_trunc('minute', at) + interval '1 minute';
    wall := (at at time zone zone)::time;
  end loop;
  return at;
end
$$;
