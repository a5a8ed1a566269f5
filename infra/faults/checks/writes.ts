import { type Check, sqlCheck } from './check.ts';

/** What clients were told must be so. */
export const writeChecks: Check[] = [
  sqlCheck({
    promise: 'Every acknowledged task is there, as it was acknowledged',
    given: ({ ledger }) => ledger.created,
    looked: 'select jsonb_array_length($1::jsonb)::text as looked',
    violations: `
      select case when t.id is null then 'lost: ' else 'changed: ' end || (a.task ->> 'id') as violation
      from jsonb_to_recordset($1::jsonb) as a ("userId" text, task jsonb)
      left join tasks t on t.id = (a.task ->> 'id')::uuid and t.user_id = a."userId"
      where t.id is null
        or (t.title, t.priority) <> (a.task ->> 'title', a.task ->> 'priority')
        or t.description is distinct from a.task ->> 'description'
        or to_jsonb(t.tags) <> a.task -> 'tags'
        or t.due_local is distinct from coalesce(a.task #>> '{due,dateTime}', a.task #>> '{due,date}')
        or t.due_time_zone is distinct from a.task #>> '{due,timeZone}'
        or t.due_at is distinct from (a.task ->> 'dueAt')::timestamptz
        or t.series_id is distinct from (a.task ->> 'seriesId')::uuid
        or t.occurrence_local is distinct from a.task ->> 'occurrence'
        or t.created_at <> (a.task ->> 'createdAt')::timestamptz
        or t.version < (a.task ->> 'version')::int`,
  }),
  sqlCheck({
    promise: 'Every reminder of an acknowledged task is there, at its time, and no other',
    given: ({ ledger }) => ledger.created.map(({ task }) => ({ id: task.id, reminders: task.reminders })),
    looked: `
      select coalesce(sum(jsonb_array_length(a.reminders)), 0)::text as looked
      from jsonb_to_recordset($1::jsonb) as a (id uuid, reminders jsonb)`,
    violations: `
      with promised as (
        select a.id as task_id, p.id, p.spec, p."remindAt" as remind_at
        from jsonb_to_recordset($1::jsonb) as a (id uuid, reminders jsonb),
             jsonb_to_recordset(a.reminders) as p (id uuid, spec jsonb, "remindAt" timestamptz)
      ), there as (
        select r.* from reminders r join jsonb_to_recordset($1::jsonb) as a (id uuid) on a.id = r.task_id
      )
      select 'reminder ' || coalesce(p.id, t.id) || ' of ' || coalesce(p.task_id, t.task_id) as violation
      from promised p full join there t on t.id = p.id and t.task_id = p.task_id
      where p.id is null or t.id is null or t.spec <> p.spec or t.remind_at <> p.remind_at`,
  }),
  sqlCheck({
    promise: 'Every acknowledged completion is there, as it was acknowledged',
    given: ({ ledger }) => ledger.completed.map(({ task }) => task),
    looked: 'select jsonb_array_length($1::jsonb)::text as looked',
    violations: `
      select 'task ' || a.id || ': ' || coalesce(t.status || ', version ' || t.version, 'lost') as violation
      from jsonb_to_recordset($1::jsonb) as a (id uuid, version int, "completedAt" timestamptz)
      left join tasks t on t.id = a.id
      where t.id is null or t.status <> 'completed' or t.version <> a.version or t.completed_at <> a."completedAt"`,
  }),
  sqlCheck({
    promise: 'No write was done twice',
    looked: `select count(*)::text as looked from tasks`,
    // By the title that it was created with: a script changes it.
    violations: `
      select 'title ' || (data ->> 'title') || ' was given to ' || count(*) || ' tasks' as violation
      from outbox where event_type = 'task.created' and source = '/evolution-todo/createTask'
      group by data ->> 'title' having count(distinct task_id) > 1`,
  }),
  {
    promise: 'No answer contradicted one that was given before',
    run: async ({ ledger }) => ({
      looked: [...ledger.counts.values()].reduce((sum, row) => sum + row.acknowledged + row.refused, 0),
      violations: ledger.contradictions,
    }),
  },
];
