-- When the next of the events comes due that could not be published, and of the deliveries whose sender may be dead: each
-- is asked for whenever a wake-up is set, and there is almost never any.
create index outbox_to_retry on outbox (next_attempt_at) where published_at is null and attempts > 0;
create index deliveries_leased on deliveries (leased_until) where status = 'pending' and leased_until is not null;

-- As before, but what the broker lost counts as failed, so that the next wake-up is for it.
create or replace function publish_lost_events_anew() returns bigint
language sql as $$
  with anew as (
    update outbox set published_at = null, attempts = 1, next_attempt_at = now()
    where published_at is not null and not exists (select from inbox where inbox.event_id = outbox.event_id)
    returning 1
  )
  select count(*) from anew
$$;
