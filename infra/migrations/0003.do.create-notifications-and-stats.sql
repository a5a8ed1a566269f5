create table notifications (
  id uuid primary key,
  user_id text not null,
  task_id uuid not null,
  kind text not null check (kind in ('task.created', 'reminder.due', 'recurring.trigger')),
  message text not null,
  created_at timestamptz not null,
  read_at timestamptz
);

create index notifications_by_user on notifications (user_id, created_at desc, id desc);

create table daily_stats (
  user_id text not null,
  -- the day in UTC on which it happened
  day date not null,
  created integer not null default 0,
  primary key (user_id, day)
);
