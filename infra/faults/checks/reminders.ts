import { type Check, scriptedTasks, sqlCheck } from './check.ts';

/** After quiet, nothing is left to do that was due this long before, in seconds: several ticks of the cron. */
const SETTLED_SECONDS = 10;

/** Reminders come once, never early, and not of a task that is done. */
export const reminderChecks: Check[] = [
  sqlCheck({
    promise: 'Every reminder came to its right end',
    given: scriptedTasks,
    looked: 'select count(*)::text as looked from reminders',
    violations: `
      select 'reminder ' || r.id || ' is ' || r.status || ': ' ||
             case r.status when 'pending' then 'its time has come, or its task is done'
                           when 'expired' then 'its time was still to come when it was written'
                           else 'its task is open' end as violation
      from reminders r join tasks t on t.id = r.task_id
      where case r.status
        when 'pending'
          then r.remind_at < now() - interval '${SETTLED_SECONDS} s' or t.status <> 'open' or t.deleted_at is not null
        when 'expired' then r.remind_at >= case when $1::jsonb ? t.id::text then t.updated_at else t.created_at end
        when 'cancelled' then t.status = 'open' and t.deleted_at is null
        else false end`,
  }),
  sqlCheck({
    promise: 'One notification of each reminder that came due while its task was open, and of no other',
    given: scriptedTasks,
    looked: `select count(*)::text as looked from outbox where event_type = 'reminder.due'`,
    violations: `
      with handled as (
        select o.task_id, o.user_id, i.processed_at as at, count(*) as n
        from outbox o join inbox i on i.event_id = o.event_id
        where o.event_type = 'reminder.due' and i.function = 'onReminderDue' group by 1, 2, 3
      ), shown as (
        select task_id, user_id, created_at as at, count(*) as n from notifications
        where kind = 'reminder.due' group by 1, 2, 3
      )
      select 'task ' || task_id || ', ' || coalesce(t.status, 'lost') || ': ' || coalesce(s.n, 0) || ' shown of ' ||
             coalesce(h.n, 0) || ' that were handled at ' || at as violation
      from handled h full join shown s using (task_id, user_id, at) left join tasks t on t.id = task_id
      where coalesce(s.n, 0) > coalesce(h.n, 0)
         or (t.status = 'open' and s.n is distinct from h.n and not $1::jsonb ? task_id::text)`,
  }),
  sqlCheck({
    promise: 'No reminder of a task whose completion was acknowledged before',
    given: ({ ledger }) => ledger.completed.map(({ task, acknowledgedAt }) => ({ id: task.id, acknowledgedAt })),
    looked: 'select jsonb_array_length($1::jsonb)::text as looked',
    violations: `
      with done as (
        select id, min("acknowledgedAt") as at
        from jsonb_to_recordset($1::jsonb) as a (id uuid, "acknowledgedAt" timestamptz) group by id
      )
      select 'task ' || done.id || ', done ' || done.at || ', reminded ' || n.created_at as violation
      from done join notifications n on n.task_id = done.id and n.kind = 'reminder.due' and n.created_at > done.at`,
  }),
  sqlCheck({
    promise: 'No reminder before its time',
    given: scriptedTasks,
    looked: `select count(*)::text as looked from outbox where event_type = 'reminder.due'`,
    violations: `
      select 'reminder ' || r.id || ' of ' || r.remind_at || ' was triggered at ' || o.occurred_at || ', for ' ||
             (o.data ->> 'remind_at') as violation
      from reminders r join outbox o on o.event_type = 'reminder.due' and o.data ->> 'reminder_id' = r.id::text
      where o.occurred_at < (o.data ->> 'remind_at')::timestamptz
         or ((o.data ->> 'remind_at')::timestamptz <> r.remind_at and not $1::jsonb ? r.task_id::text)
      union all
      select 'task ' || n.task_id || ' was reminded at ' || n.created_at || ', before ' || min(r.remind_at)
      from notifications n join reminders r on r.task_id = n.task_id and r.status = 'triggered'
      where n.kind = 'reminder.due' and not $1::jsonb ? n.task_id::text group by n.id, n.task_id, n.created_at having n.created_at < min(r.remind_at)
      union all
      select 'reminder ' || (o.data ->> 'reminder_id') || ' of ' || (o.data ->> 'remind_at') || ' was shown at ' || i.processed_at
      from outbox o join inbox i on i.event_id = o.event_id
      where o.event_type = 'reminder.due' and i.processed_at < (o.data ->> 'remind_at')::timestamptz`,
  }),
];
