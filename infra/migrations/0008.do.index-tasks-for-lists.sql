-- Columns that lists read, stored because row-level security lets neither @@ nor coalesce() into an index condition.
alter table tasks
  -- the words of a search: to find them anew in every row is what makes a search slow
  add column words tsvector generated always as (to_tsvector('simple', title || ' ' || coalesce(description, ''))) stored,
  -- the due time, or what puts a task without one last
  add column due_or_never timestamptz generated always as (coalesce(due_at, 'infinity')) stored;

-- Lists do not show what is deleted.
create index tasks_by_due on tasks (user_id, status, due_or_never, created_at, id) where deleted_at is null;
drop index tasks_by_user;
create index tasks_by_user on tasks (user_id, created_at desc, id desc) where deleted_at is null;
