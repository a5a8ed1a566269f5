-- What came to its end in a dead-letter topic, kept until somebody removes it. Belongs to administrators, not to users.
create table dead_letters (
  -- derived from the topic and the event (or the message, where no event can be read): one letter, however often it comes
  id uuid primary key,
  -- where it was published to at first
  topic text not null,
  partition_key text,
  -- as it came; null where it is too large to be kept
  payload bytea,
  -- why it is no event of its topic; null where it is one
  fault text,
  -- what it says of itself, which may be anything where it is no event
  event_id text,
  event_type text,
  user_id text,
  task_id text,
  created_at timestamptz not null,
  last_received_at timestamptz not null,
  times_received integer not null default 1,
  -- false from a replay on until it comes back
  waiting boolean not null default true,
  replayed_at timestamptz,
  replays integer not null default 0
);

create index dead_letters_by_time on dead_letters (created_at desc, id desc);
create index dead_letters_by_event on dead_letters (event_id) where event_id is not null;

-- Why functions did not take an event: Dapr's dead letters carry no reason.
create table event_failures (
  event_id text not null,
  function text not null,
  reason text not null,
  attempts integer not null default 1,
  last_failed_at timestamptz not null,
  primary key (event_id, function)
);

create index event_failures_by_time on event_failures (last_failed_at);
