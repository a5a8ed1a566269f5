-- Deletes everything that is known of a user, for good, and says how many rows of each table that was; or only counts
-- them. What a failure tells of the user's events goes too.
create function delete_user_data(whose text, only_count boolean) returns table (table_name text, rows bigint)
language plpgsql as $$
begin
  if not only_count then
    delete from event_failures f using outbox o where o.user_id = whose and f.event_id = o.event_id::text;
    delete from event_failures f using dead_letters d where d.user_id = whose and f.event_id = d.event_id;
  end if;
  for table_name in
    select c.table_name from information_schema.columns c
    where c.table_schema = 'public' and c.column_name = 'user_id'
    -- Reminders refer to their tasks, and those to their series.
    order by array_position(array['reminders', 'tasks', 'series'], c.table_name::text) nulls first, c.table_name
  loop
    if only_count then
      execute format('select count(*) from %I where user_id = $1', table_name) into rows using whose;
    else
      execute format('delete from %I where user_id = $1', table_name) using whose;
      get diagnostics rows = row_count;
    end if;
    return next;
  end loop;
end
$$;
revoke execute on function delete_user_data(text, boolean) from public;
