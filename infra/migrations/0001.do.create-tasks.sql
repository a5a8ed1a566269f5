-- A series is the template and the calendar of a recurring task; each occurrence becomes a task of its own.
create table series (
  id uuid primary key,
  user_id text not null,
  -- what every instance starts with: title, description, priority, tags, reminders
  template jsonb not null,
  -- RFC 5545 RRULE, counted from start_local in time_zone
  rule text not null,
  start_local text not null,
  time_zone text not null,
  overflow text not null check (overflow in ('clamp', 'skip')),
  gap text not null check (gap in ('shift', 'skip')),
  -- the next occurrence: nominal local time and instant; both null once the rule has ended
  next_local text,
  next_at timestamptz,
  -- an instance is made this long before its slot, so that its earliest reminder is still ahead
  lead_ms bigint not null check (lead_ms >= 0),
  -- when the next instance is due to be made; null while an instance is open, and after the end
  create_at timestamptz,
  -- occurrences that got no instance of their own
  passed_over integer not null default 0,
  created_at timestamptz not null,
  check ((next_local is null) = (next_at is null)),
  check (create_at is null or next_at is not null)
);

create index series_to_create on series (create_at) where create_at is not null;

create table tasks (
  id uuid primary key,
  user_id text not null,
  title text not null,
  description text,
  priority text not null check (priority in ('low', 'medium', 'high')),
  tags text[] not null default '{}',
  status text not null check (status in ('open', 'completed')),
  -- local wall time (or a date alone: all day) in due_time_zone, and the instant that it stands for
  due_local text,
  due_time_zone text,
  due_at timestamptz,
  series_id uuid references series (id),
  occurrence_local text,
  version integer not null default 1,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  completed_at timestamptz,
  check (num_nulls(due_local, due_time_zone, due_at) in (0, 3)),
  check ((series_id is null) = (occurrence_local is null)),
  check ((status = 'completed') = (completed_at is not null)),
  -- two crons at once make one instance
  constraint one_instance_per_occurrence unique (series_id, occurrence_local)
);

create index tasks_by_user on tasks (user_id, created_at desc, id desc);

create table reminders (
  id uuid primary key,
  task_id uuid not null references tasks (id) on delete cascade,
  user_id text not null,
  -- as the client wrote it: {"at": instant} or {"before": duration}
  spec jsonb not null,
  remind_at timestamptz not null,
  status text not null check (status in ('pending', 'triggered', 'cancelled', 'expired'))
);

create index reminders_to_send on reminders (remind_at) where status = 'pending';
create index reminders_by_task on reminders (task_id);
