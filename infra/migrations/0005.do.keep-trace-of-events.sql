-- The trace that an event belongs to (W3C traceparent of the work that wrote it): Dapr does not carry it across the outbox.
alter table outbox add column trace text;
