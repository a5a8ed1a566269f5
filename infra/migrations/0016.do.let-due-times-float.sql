-- A floating due time is the same wall time wherever its user is: its zone is that of the user's preferences. The
-- instances of a series that starts at one float too.
alter table tasks add column due_floating boolean not null default false;
alter table tasks add constraint tasks_floating_check check (due_local is not null or not due_floating);
create index floating_tasks on tasks (user_id) where due_floating and status = 'open' and deleted_at is null;

alter table series add column floating boolean not null default false;
create index floating_series on series (user_id) where floating and state <> 'ended';
