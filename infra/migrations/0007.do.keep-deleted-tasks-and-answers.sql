-- A deleted task can be restored until it is purged; until then it also tells the change feed of its deletion.
alter table tasks add column deleted_at timestamptz;

-- The transaction that changed a row last. Ids are given in order but commit out of order, so the feed reads no further
-- than the oldest transaction that is still running: nothing can appear behind a cursor any more.
alter table tasks add column changed_in xid8 not null default pg_current_xact_id();

create function note_change() returns trigger
language plpgsql as $$
begin
  new.changed_in := pg_current_xact_id();
  return new;
end
$$;

create trigger tasks_note_change before update on tasks for each row execute function note_change();

create index tasks_by_change on tasks (user_id, changed_in, id);
create index tasks_to_purge on tasks (deleted_at) where deleted_at is not null;

-- Up to where deletions are forgotten: a cursor from before it may have missed one.
create table feed_horizon (
  only_row boolean primary key default true check (only_row),
  changed_in xid8 not null
);
insert into feed_horizon (changed_in) values ('0');

-- The answer to a write that was sent with an Idempotency-Key, written in the write's own transaction.
create table idempotency_keys (
  user_id text not null,
  key text not null,
  -- SHA-256 of method, path and body: the same key for another request is a mistake
  fingerprint bytea not null,
  status integer not null,
  headers jsonb not null,
  body text not null,
  created_at timestamptz not null,
  primary key (user_id, key)
);

create index idempotency_keys_by_time on idempotency_keys (created_at);

-- Ends a transaction at once when another one holds the lock.
create function expect_lock(taken boolean) returns void
language plpgsql as $$
begin
  if not taken then
    raise exception 'another request with this key is under way' using errcode = 'ET002';
  end if;
end
$$;

alter table idempotency_keys enable row level security;
create policy own_rows on idempotency_keys to evolution_todo_user using (user_id = current_setting('app.user_id', true));
create policy all_rows on idempotency_keys to evolution_todo_system using (true);
grant select, insert, update on idempotency_keys to evolution_todo_user;
grant select, insert, update, delete on idempotency_keys to evolution_todo_system;
grant select on feed_horizon to evolution_todo_user;
grant select, update on feed_horizon to evolution_todo_system;
