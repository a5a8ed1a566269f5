import { type Check, sqlCheck } from './check.ts';

/** What users see of the events. */
export const notificationChecks: Check[] = [
  sqlCheck({
    promise: 'One notification of each new task, and one of each instance of a series',
    looked: `
      select count(*)::text as looked from outbox where event_type in ('task.created', 'recurring.trigger')`,
    violations: `
      with expected as (
        select task_id, user_id, event_type as kind, count(*) as n from outbox
        where event_type in ('task.created', 'recurring.trigger') group by 1, 2, 3
      ), shown as (
        select task_id, user_id, kind, count(*) as n from notifications
        where kind in ('task.created', 'recurring.trigger') group by 1, 2, 3
      )
      select 'task ' || coalesce(e.task_id, s.task_id) || ': ' || coalesce(s.n, 0) || ' of ' || coalesce(e.n, 0) || ' ' ||
             coalesce(e.kind, s.kind) as violation
      from expected e full join shown s using (task_id, user_id, kind) where e.n is distinct from s.n`,
  }),
  sqlCheck({
    promise: 'No notification twice',
    looked: 'select count(*)::text as looked from notifications',
    violations: `
      with written as (select task_id, event_type as kind, count(*) as n from outbox group by 1, 2),
      shown as (select task_id, kind, count(*) as n from notifications group by 1, 2)
      select 'task ' || s.task_id || ': ' || s.n || ' of ' || s.kind || ', of ' || coalesce(w.n, 0) || ' events' as violation
      from shown s left join written w on w.task_id = s.task_id and w.kind = s.kind where s.n > coalesce(w.n, 0)`,
  }),
];
