import { neon, neonConfig } from '@neondatabase/serverless';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from './database.ts';
import { eachEngine } from './engines.ts';

const task = (id: string) => [id, 'alice', 'Water the plants', 'low', 'open', new Date(0)];
const insertTask = `insert into tasks (id, user_id, title, priority, status, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6, $6)`;

eachEngine('a test database', (place) => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await testDatabase(place, 'owner');
  });
  afterAll(() => database.close());

  it('is migrated, and answers the unmodified driver', async () => {
    neonConfig.fetchEndpoint = database.fetchEndpoint;
    const sql = neon(database.url);
    await sql.query(insertTask, task('00000000-0000-4000-8000-000000000001'));
    expect(await sql`select title, version from tasks`).toEqual([{ title: 'Water the plants', version: 1 }]);
  });

  it('lets a test look at rows, as node-postgres would give them', async () => {
    expect(
      await database.query('select $1::int as int, $2::text as null, $3::timestamptz as at', [1, null, new Date(0)]),
    ).toEqual([{ int: 1, null: null, at: new Date(0) }]);
  });

  it('is empty again after a reset, and still migrated', async () => {
    await database.query(insertTask, task('00000000-0000-4000-8000-000000000002'));
    await database.query(
      `insert into reminders (id, task_id, user_id, spec, remind_at, status)
       values ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-000000000002', 'alice', '{}', now(), 'pending')`,
    );
    await database.reset();
    expect(await database.query('select count(*)::int from tasks')).toEqual([{ count: 0 }]);
    expect(await database.query('select count(*)::int > 1 as migrated from applied_migrations')).toEqual([
      { migrated: true },
    ]);
  });

  it('is its own: another one knows nothing of its rows', async () => {
    await database.query(insertTask, task('00000000-0000-4000-8000-000000000003'));
    const other = await testDatabase(place, 'owner');
    try {
      expect(await other.query('select id from tasks')).toEqual([]);
    } finally {
      await other.close();
    }
  });
});
