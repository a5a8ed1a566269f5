import { type Check, sqlCheck } from './check.ts';

/** A series has one instance at a time, one of each occurrence, and goes on. */
export const seriesChecks: Check[] = [
  sqlCheck({
    promise: 'At most one instance of a series per occurrence, and at most one that is open',
    looked: 'select count(*)::text as looked from tasks where series_id is not null',
    violations: `
      select 'series ' || series_id || ': ' || count(*) || ' instances of ' || occurrence_local as violation
      from tasks where series_id is not null group by series_id, occurrence_local having count(*) > 1
      union all
      select 'series ' || series_id || ': ' || count(*) || ' open instances'
      from tasks where series_id is not null and status = 'open' and deleted_at is null
      group by series_id having count(*) > 1`,
  }),
  sqlCheck({
    promise: 'Every series goes on: an instance that is due was made, one that is done let the next be made',
    looked: 'select count(*)::text as looked from series',
    violations: `
      select 'series ' || s.id || case when s.create_at is null then ' waits though nothing of it is open'
                                       else ' was due at ' || s.create_at end as violation
      from series s
      where (s.create_at < now() - interval '10 s')
         or (s.create_at is null and s.next_at is not null and s.state = 'active'
             and not exists (select from tasks t
                             where t.series_id = s.id and t.status = 'open' and t.deleted_at is null))
      union all
      select 'task ' || t.id || ' is of a series that is not there' from tasks t
      where t.series_id is not null and not exists (select from series s where s.id = t.series_id)`,
  }),
];
