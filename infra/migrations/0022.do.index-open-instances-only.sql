-- Open instances of series alone, as its name says. Without that condition it held every open task: where Postgres had not
-- counted the table yet, or takes it for smaller than it is, it looked for the one task that a reminder is of by reading all
-- of them.
drop index open_instances;
create index open_instances on tasks (series_id, occurrence_local)
  where status = 'open' and deleted_at is null and series_id is not null;
