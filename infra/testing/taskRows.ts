import { randomUUID } from 'node:crypto';
import type { TestDatabase } from './database.ts';

/** A task as it stands in the database. Instants can be as fine as Postgres has them: microseconds. */
export interface TaskRow {
  id: string;
  user_id: string;
  title: string;
  description: string | null;
  priority: 'low' | 'medium' | 'high';
  tags: string[];
  status: 'open' | 'completed';
  due_at: string | null;
  series_id: string | null;
  created_at: string;
  updated_at: string;
}

/** An open task of alice, without anything that it need not have. */
export function taskRow(fields: Partial<TaskRow> = {}): TaskRow {
  const created_at = '2026-11-25T09:00:00.000000Z';
  return {
    ...{ id: randomUUID(), user_id: 'alice', title: 'Pay rent', description: null, priority: 'medium', tags: [] },
    ...{ status: 'open', due_at: null, series_id: null, created_at, updated_at: fields.created_at ?? created_at },
    ...fields,
  };
}

/** Writes tasks past every function; one that is there already is replaced. */
export async function writeTasks(database: TestDatabase, rows: readonly TaskRow[]): Promise<void> {
  await database.query(
    `insert into tasks (id, user_id, title, description, priority, tags, status, due_local, due_time_zone, due_at,
                        series_id, occurrence_local, created_at, updated_at, completed_at)
     select id, user_id, title, description, priority, tags, status,
            case when due_at is not null then '2026-11-25T09:00:00' end, case when due_at is not null then 'UTC' end, due_at,
            series_id, case when series_id is not null then id::text end, created_at, updated_at,
            case when status = 'completed' then updated_at end
     from jsonb_populate_recordset(null::tasks, $1::jsonb)
     on conflict (id) do update
       set title = excluded.title, description = excluded.description, priority = excluded.priority,
           tags = excluded.tags, status = excluded.status, due_local = excluded.due_local,
           due_time_zone = excluded.due_time_zone, due_at = excluded.due_at, updated_at = excluded.updated_at,
           completed_at = excluded.completed_at`,
    [rows],
  );
}

/** Writes a series that tasks can belong to, and resolves to its id. */
export async function writeSeries(database: TestDatabase, userId: string): Promise<string> {
  const id = randomUUID();
  await database.query(
    `insert into series (id, user_id, template, rule, start_local, time_zone, overflow, gap, mode, missed, overlap, state,
                         lead_ms, created_at, updated_at)
     values ($1, $2, '{}', 'FREQ=DAILY', '2026-11-25', 'UTC', 'clamp', 'shift', 'fixed', 'latest', 'single_open', 'ended',
             0, now(), now())`,
    [id, userId],
  );
  return id;
}
