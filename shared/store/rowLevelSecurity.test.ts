import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../infra/testing/database.ts';
import { taskSnapshot } from '../../infra/testing/taskSnapshot.ts';
import { noChoices } from '../domain/preferences.ts';
import { planTask } from '../domain/taskChanges.ts';
import { connect, type Row, type Run, runAs, type Sql } from './database.ts';
import { sendCode } from './deliveries.ts';
import { keepCode } from './emailCodes.ts';
import { keepAnswer } from './idempotencyKeys.ts';
import { insertEvents } from './outbox.ts';
import { writeChoices } from './preferences.ts';
import { insertTask } from './tasks.ts';
import { insertWebhook } from './webhooks.ts';

const now = new Date('2026-11-25T09:00:00.000Z');

let database: TestDatabase;
let sql: Sql;
let asAlice: Run;
let asBob: Run;
let bobsTask: string;
beforeAll(async () => {
  database = await testDatabase();
  sql = connect(database);
  asAlice = runAs(sql, { userId: 'alice' });
  asBob = runAs(sql, { userId: 'bob' });
  const template = { title: 'Secret', description: null, priority: 'low', tags: [], reminders: [] } as const;
  const reminders = [{ at: '2026-12-01T09:00:00.000Z' }];
  const task = planTask({ ...template, tags: [], reminders }, { newId: randomUUID, now, due: null, remindFrom: now });
  bobsTask = task.id;
  const event = { type: 'task.created', userId: 'bob', taskId: task.id, data: taskSnapshot() } as const;
  const keyed = { userId: 'bob', key: 'k', fingerprint: Buffer.alloc(32) };
  await asBob(
    ...insertTask(sql, 'bob', task),
    insertEvents(sql, [event], { origin: { source: '/test' }, now }),
    keepAnswer(sql, keyed, { status: 201, headers: {}, body: 'secret' }, now),
  );
  await database.query(
    `insert into notifications (id, user_id, task_id, kind, message, created_at)
     values (gen_random_uuid(), 'bob', $1, 'task.created', 'Secret', now())`,
    [bobsTask],
  );
  const choices = { ...noChoices, email: { address: 'bob@example.org', confirmedAt: null }, version: 1 };
  const at = now.toISOString();
  const webhook = { id: randomUUID(), url: 'https://example.org/', description: null, kinds: null, enabled: true };
  const state = { disabledBecause: null, failingSince: null, version: 1, createdAt: at, updatedAt: at };
  await asBob(
    writeChoices(sql, 'bob', choices, now),
    keepCode(sql, 'bob', { address: 'bob@example.org', code: 'ABCDEFGH' }, now),
    sendCode(sql, 'bob', 'bob@example.org', { origin: { source: '/test' }, now }),
    insertWebhook(sql, 'bob', { ...webhook, ...state }, Buffer.alloc(64)),
  );
});
afterAll(() => database.close());

/** Every table with a user's rows, asked of the database itself: a new one cannot be forgotten. */
async function tablesOfUsers(): Promise<string[]> {
  const rows = await database.query<{ table_name: string }>(
    `select table_name from information_schema.columns
     where table_schema = 'public' and column_name = 'user_id' and table_name <> 'dead_letters' order by 1`,
  );
  return rows.map(({ table_name }) => table_name);
}
const everyRow = (table: string) => sql`select * from ${sql.unsafe(table)}`;

test('a statement that forgets whose rows it wants sees the user’s own, in every table', async () => {
  const tables = await tablesOfUsers();
  expect(tables).toEqual(expect.arrayContaining(['idempotency_keys', 'notifications', 'outbox', 'reminders', 'tasks']));
  for (const table of tables) {
    const [alices = [], bobs = []] = [(await asAlice(everyRow(table)))[0], (await asBob(everyRow(table)))[0]];
    expect(alices, table).toEqual([]);
    expect(new Set(bobs.map((row: Row) => row.user_id)).size, table).toBeLessThanOrEqual(1);
  }
  for (const table of ['tasks', 'preferences', 'email_codes', 'deliveries', 'webhooks']) {
    expect((await asBob(everyRow(table)))[0], table).toHaveLength(1);
  }
});

describe('a write that forgets it', () => {
  test('changes nothing of another user', async () => {
    await asAlice(
      sql`update tasks set title = 'stolen'`,
      sql`delete from reminders`,
      sql`update notifications set read_at = now()`,
    );
    expect(await database.query('select title, user_id from tasks')).toEqual([{ title: 'Secret', user_id: 'bob' }]);
    expect(await database.query('select read_at from notifications')).toEqual([{ read_at: null }]);
    expect(await database.query('select 1 from reminders')).toHaveLength(1);
  });

  test('cannot put a row under another user’s name, nor hand one over', async () => {
    const forged = sql`
      insert into tasks (id, user_id, title, priority, status, created_at, updated_at)
      values (${randomUUID()}, 'bob', 'forged', 'low', 'open', ${now}, ${now})`;
    await expect(asAlice(forged)).rejects.toThrow(/row-level security/);
    await expect(asBob(sql`update tasks set user_id = 'alice'`)).rejects.toThrow(/row-level security/);
  });
});

test('what the functions log in as may do nothing before it says on whose behalf', async () => {
  for (const table of await tablesOfUsers()) {
    await expect(everyRow(table), table).rejects.toThrow(/permission denied/);
  }
});

test('nobody whose rows it were sees none', async () => {
  const [rows] = await runAs(sql, { userId: '' })(everyRow('tasks'));
  expect(rows).toEqual([]);
  const [, unset] = await sql.transaction([
    sql`select set_config('role', 'evolution_todo_user', true)`,
    everyRow('tasks'),
  ]);
  expect(unset).toEqual([]);
});

test('no role of the functions owns a table, is a superuser, or may pass row-level security by', async () => {
  const roles = await database.query(
    `select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcanlogin,
            exists (select from pg_class where relowner = r.oid) as owns
     from pg_roles r where rolname like 'evolution_todo_%' and rolname not like '%test%' order by 1`,
  );
  expect(roles.map(({ rolname }) => rolname)).toEqual([
    'evolution_todo_functions',
    'evolution_todo_system',
    'evolution_todo_user',
  ]);
  for (const { rolname: _, ...rights } of roles)
    expect(Object.values(rights)).toEqual([false, false, false, false, false]);
  const unprotected = await database.query(
    `select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and not relrowsecurity
       and relname in (select table_name from information_schema.columns where column_name = 'user_id')`,
  );
  expect(unprotected).toEqual([{ relname: 'dead_letters' }]);
});

test('administrators’ and the system’s tables are closed to users', async () => {
  for (const table of ['dead_letters', 'event_failures', 'inbox']) {
    await expect(asAlice(everyRow(table)), table).rejects.toThrow(/permission denied/);
  }
});
