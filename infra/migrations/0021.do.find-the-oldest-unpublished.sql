-- The oldest events that are to be published now, in their order: neither the published ones that stand before them are
-- read, of which there can be millions, nor those that wait for another try. It is for who looks through all tasks, and says
-- so by the condition that each event fulfils. Who looks for events of one task finds them by the other index, also while
-- Postgres knows of none that waits, and takes one index to be as short as the other.
create index outbox_unpublished on outbox (seq, next_attempt_at) where published_at is null and seq > 0;
drop index outbox_unpublished_by_attempt;
