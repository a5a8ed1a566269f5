-- Ends a transaction that would go beyond a limit.
create function expect_room(used bigint, allowed bigint) returns void
language plpgsql as $$
begin
  if used >= allowed then
    raise exception 'limit reached: % of %', used, allowed using errcode = 'ET003';
  end if;
end
$$;
