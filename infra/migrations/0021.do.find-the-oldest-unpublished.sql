-- The oldest events that are to be published now, in their order: neither the published ones that stand before them are
-- read, of which there can be millions, nor those that wait for another try.
create index outbox_unpublished on outbox (seq, next_attempt_at) where published_at is null;
drop index outbox_unpublished_by_attempt;
