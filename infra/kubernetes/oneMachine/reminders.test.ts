import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../testing/database.ts';
import { latenessOf } from './reminders.ts';

const TASK = '00000000-0000-4000-8000-000000000001';
const DUE = '2026-03-01T09:00:00.000Z';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database?.close());

beforeEach(async () => {
  const { query, reset } = database;
  await reset();
  await query(
    `insert into tasks (id, user_id, title, priority, status, created_at, updated_at)
     values ($1, 'alice', 'a', 'low', 'open', $2, $2)`,
    [TASK, DUE],
  );
  await query(
    `insert into reminders (id, task_id, user_id, spec, remind_at, status)
     values (gen_random_uuid(), $1, 'alice', '{}', $2, 'triggered')`,
    [TASK, DUE],
  );
  await query(
    `insert into outbox (event_id, event_type, source, user_id, task_id, data, occurred_at, next_attempt_at)
     values (gen_random_uuid(), 'reminder.due', 's', 'alice', $1, '{}', $2, $2)`,
    [TASK, '2026-03-01T09:00:01.500Z'],
  );
});

it('tells how late a reminder was taken up, and shown', async () => {
  await database.query(
    `insert into notifications (id, user_id, task_id, kind, message, created_at)
     values (gen_random_uuid(), 'alice', $1, 'reminder.due', 'm', $2)`,
    [TASK, '2026-03-01T09:00:03.250Z'],
  );
  expect(await latenessOf(database.query, TASK)).toEqual({ taken: 1_500, shown: 3_250 });
});

it('refuses to tell of one that was not shown', async () => {
  await expect(latenessOf(database.query, TASK)).rejects.toThrow(`no reminder of the task ${TASK} was shown`);
});
