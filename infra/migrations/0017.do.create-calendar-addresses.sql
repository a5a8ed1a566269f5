-- Addresses at which anybody who knows them can read a user's calendar.
create table calendar_addresses (
  id uuid primary key,
  user_id text not null,
  name text,
  -- SHA-256 of the key in the address: who reads this table can read no calendar with it
  key_hash bytea not null unique,
  created_at timestamptz not null,
  -- the day in UTC on which it was used last: when exactly would tell of a user's habits
  last_used_on date
);

create index calendar_addresses_by_user on calendar_addresses (user_id, created_at);

alter table calendar_addresses enable row level security;
create policy own_rows on calendar_addresses to evolution_todo_user using (user_id = current_setting('app.user_id', true));
create policy all_rows on calendar_addresses to evolution_todo_system using (true);
grant select, insert, update (last_used_on), delete on calendar_addresses to evolution_todo_user;
-- Whose an address is: all that is asked of it on nobody's behalf.
grant select (user_id, key_hash) on calendar_addresses to evolution_todo_system;

-- What a calendar shows was completed lately.
create index tasks_by_completion on tasks (user_id, completed_at) where status = 'completed' and deleted_at is null;
