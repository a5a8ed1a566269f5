-- An event is written in the transaction of the change that it tells of, and published afterwards.
create table outbox (
  seq bigint generated always as identity primary key,
  event_id uuid not null unique,
  event_type text not null,
  source text not null,
  user_id text not null,
  -- also the partition key: order holds per task
  task_id uuid not null,
  data jsonb not null,
  occurred_at timestamptz not null,
  attempts integer not null default 0,
  -- the sweep leaves a row alone until then: whoever claimed it last is still at work on it
  next_attempt_at timestamptz not null,
  published_at timestamptz
);

create index outbox_unpublished_by_task on outbox (task_id, seq) where published_at is null;
create index outbox_unpublished_by_attempt on outbox (next_attempt_at) where published_at is null;
create index outbox_published on outbox (published_at) where published_at is not null;

-- An event's effect and its record here are one transaction: a second delivery violates the key and has no effect.
create table inbox (
  function text not null,
  event_id uuid not null,
  processed_at timestamptz not null,
  constraint inbox_once primary key (function, event_id)
);

create index inbox_by_time on inbox (processed_at);

-- A write that is guarded by what was read before ends its whole transaction when the guard no longer holds.
create function expect_rows(actual bigint, expected bigint) returns void
language plpgsql as $$
begin
  if actual <> expected then
    raise exception 'stale write: changed % rows, expected %', actual, expected using errcode = 'ET001';
  end if;
end
$$;
