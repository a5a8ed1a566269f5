-- What a user chose about notifications; no row: nothing yet. What a column leaves out has the default of the program.
create table preferences (
  user_id text primary key,
  -- IANA name; null: the default
  time_zone text,
  -- by kind of notification, the channels that it goes to; only what differs from the defaults
  channels jsonb not null,
  -- wall times in that zone; quiet from the first (included) to the second (excluded), which may be the next day's
  quiet_start time,
  quiet_end time,
  email_address text,
  -- null: the address is not known to be the user's, and nothing but a code is sent to it
  email_confirmed_at timestamptz,
  version integer not null,
  updated_at timestamptz not null,
  check ((quiet_start is null) = (quiet_end is null)),
  check (quiet_start <> quiet_end),
  check (email_confirmed_at is null or email_address is not null)
);

-- The code that was sent last to an address, by which its user confirms it. How many were sent, and how often one was
-- tried, bounds both guessing and what strangers can be sent.
create table email_codes (
  user_id text primary key,
  address text not null,
  -- SHA-256 of user, address and code
  hash bytea not null,
  expires_at timestamptz not null,
  -- times that this code was tried
  attempts integer not null default 0,
  -- codes sent since
  sent integer not null default 1,
  sent_since timestamptz not null
);

do $$
declare
  owned text;
begin
  foreach owned in array array['preferences', 'email_codes'] loop
    execute format('alter table %I enable row level security', owned);
    execute format($policy$create policy own_rows on %I to evolution_todo_user
      using (user_id = current_setting('app.user_id', true))$policy$, owned);
    execute format('create policy all_rows on %I to evolution_todo_system using (true)', owned);
  end loop;
end
$$;
grant select, insert, update on preferences, email_codes to evolution_todo_user;
grant select, insert, update, delete on preferences, email_codes to evolution_todo_system;

-- Users can be told of whatever happens to a task, and that a webhook is sent nothing any more, which is no task's.
alter table notifications alter column task_id drop not null;
alter table notifications drop constraint notifications_kind_check;
alter table notifications add constraint notifications_kind_check check (kind in (
  'task.created', 'task.updated', 'task.completed', 'task.deleted', 'reminder.due', 'recurring.trigger',
  'webhook.disabled'));
