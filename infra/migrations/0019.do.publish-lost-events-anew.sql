-- To be called by the owner after the broker lost what it had, or after an earlier state of this database was restored:
-- events that were published and are not recorded as taken are published again, each once more at most taking effect.
-- Returns how many those are. What was published longer ago than the outbox keeps is not among them.
create function publish_lost_events_anew() returns bigint
language sql as $$
  with anew as (
    update outbox set published_at = null, attempts = 0, next_attempt_at = now()
    where published_at is not null and not exists (select from inbox where inbox.event_id = outbox.event_id)
    returning 1
  )
  select count(*) from anew
$$;

revoke execute on function publish_lost_events_anew() from public;
