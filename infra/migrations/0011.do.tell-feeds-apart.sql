-- Transaction ids mean something in one history of one database only: cursors of another one are told by its epoch.
alter table feed_horizon add column epoch uuid not null default gen_random_uuid();

-- A transaction that is on disk, as recent as the last purge. A server that crashes may give an id again that it had
-- given to a transaction that left no trace, but none up to this one.
alter table feed_horizon add column settled_in xid8 not null default pg_current_xact_id();

-- To be called by the owner after a dump or an earlier state was restored: every task changed just now, and cursors from
-- before are gone.
create function begin_feeds_anew() returns void
language plpgsql as $$
begin
  update tasks set changed_in = pg_current_xact_id();
  update feed_horizon set epoch = gen_random_uuid(), changed_in = '0', settled_in = pg_current_xact_id();
end
$$;
