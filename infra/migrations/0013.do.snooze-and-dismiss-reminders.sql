-- A reminder can be put off (snoozed: reminds anew at a time of the user's choice) or waved away (dismissed).
alter table reminders add column snoozed boolean not null default false;
alter table reminders drop constraint reminders_status_check;
alter table reminders add constraint reminders_status_check
  check (status in ('pending', 'triggered', 'cancelled', 'expired', 'dismissed'));
