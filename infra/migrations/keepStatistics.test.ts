import { PGlite } from '@electric-sql/pglite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pgliteEngine } from '../local/postgres/pgliteEngine.ts';
import { migrateBefore } from '../testing/migrateBefore.ts';
import { migrate } from './migrate.ts';

let pglite: PGlite;
beforeAll(async () => {
  pglite = await PGlite.create();
});
afterAll(() => pglite.close());

const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

test('statistics by quarter-hour begin with what the tasks say, less what events on their way will add', async () => {
  const engine = pgliteEngine(pglite);
  await migrateBefore(engine, 'keep-statistics-by-quarter-hour');

  // One task that was counted and completed late, one whose event is on its way, one that was deleted.
  await pglite.exec(`
    insert into tasks (id, user_id, title, priority, tags, status, due_at, due_local, due_time_zone, version, created_at,
                       updated_at, completed_at, deleted_at)
    select id::uuid, 'alice', 'Buy milk', 'low', '{}', status, due_at::timestamptz, due_local, zone, 1,
           '2026-11-25T08:00:00Z', '2026-11-25T08:00:00Z', completed_at::timestamptz, deleted_at::timestamptz
    from (values
      ('${id(1)}', 'completed', '2026-11-25T09:00:00Z', '2026-11-25T09:00:00', 'UTC', '2026-11-25T10:00:00Z', null),
      ('${id(2)}', 'open', null, null, null, null, null),
      ('${id(3)}', 'open', null, null, null, null, '2026-11-25T11:00:00Z')
    ) as t (id, status, due_at, due_local, zone, completed_at, deleted_at);
    insert into outbox (event_id, event_type, source, user_id, task_id, data, occurred_at, next_attempt_at)
    select event_id::uuid, type, '/test', 'alice', task_id::uuid, data::jsonb, now(), now()
    from (values
      ('${id(11)}', 'task.created', '${id(1)}', '{"created_at": "2026-11-25T08:00:00Z"}'),
      ('${id(12)}', 'task.created', '${id(2)}', '{"created_at": "2026-11-25T08:00:00Z"}'),
      ('${id(13)}', 'task.completed', '${id(1)}', '{"completed_at": "2026-11-25T10:00:00Z"}'),
      ('${id(14)}', 'task.deleted', '${id(3)}', '{"created_at": "2026-11-25T08:00:00Z"}')
    ) as e (event_id, type, task_id, data);
    insert into inbox (function, event_id, processed_at) values ('onTaskCreated', '${id(11)}', now());
    insert into daily_stats (user_id, day, created) values ('alice', '2026-11-25', 1)`);

  await migrate(engine);
  const { rows: slots } = await pglite.query(`
    select user_id, to_char(slot at time zone 'UTC', 'HH24:MI') as slot, created, completed, late
    from stats_slots order by slot`);
  expect(slots).toEqual([
    { user_id: 'alice', slot: '08:00', created: 1, completed: 0, late: 0 },
    { user_id: 'alice', slot: '08:45', created: 0, completed: 0, late: 1 },
    { user_id: 'alice', slot: '10:00', created: 0, completed: 1, late: 0 },
  ]);
  // The new functions will find what is counted already in their inbox.
  const { rows: handled } = await pglite.query('select function, event_id from inbox order by event_id');
  expect(handled).toEqual([
    { function: 'onTaskCreated', event_id: id(11) },
    { function: 'onTaskCompleted', event_id: id(13) },
    { function: 'onTaskDeleted', event_id: id(14) },
  ]);
});
