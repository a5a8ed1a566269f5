import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createTestDatabase, type ServerDatabase } from '../../testing/serverTemplate.ts';
import type { SqlEngine } from './engine.ts';
import { openServer } from './server.ts';

const query = (text: string) => ({ text, params: [] });

it('says which server it could not reach, without the password', async () => {
  await expect(openServer('postgres://todo:geheim@127.0.0.1:1/todo')).rejects.toThrow(
    /^can't connect to Postgres at 127\.0\.0\.1:1\/todo: connect ECONNREFUSED 127\.0\.0\.1:1$/,
  );
});

describe.skipIf(!process.env.TEST_DATABASE_URL)('a Postgres server', () => {
  const onConnectionLost = vi.fn();
  let database: ServerDatabase;
  let engine: SqlEngine;
  beforeAll(async () => {
    database = await createTestDatabase('empty');
    engine = await openServer(database.url, { maxConnections: 3, statementTimeoutMs: 200, onConnectionLost });
  });
  afterAll(async () => {
    await engine.close();
    await database.drop();
  });

  const text = async (sql: string) => (await engine.query(query(sql))).rows[0]?.[0];

  it('gets no more connections than it was said, and they serve everybody in turn', async () => {
    const pids = await Promise.all(
      Array.from({ length: 20 }, () => text('select pg_backend_pid() from pg_sleep(0.01)')),
    );
    expect(new Set(pids).size).toBe(3);
  });

  it('ends a statement that takes too long, and its transaction', async () => {
    await expect(engine.query(query('select pg_sleep(10)'))).rejects.toMatchObject({ code: '57014' });
    const batch = engine.transaction([query('create table slow (id int)'), query('select pg_sleep(10)')]);
    await expect(batch).rejects.toMatchObject({ code: '57014' });
    expect(await text("select to_regclass('slow')")).toBeNull();
  });

  it('is connected to again after it has broken idle connections', async () => {
    await Promise.all(Array.from({ length: 3 }, () => text('select 1 from pg_sleep(0.01)')));
    const { rows } = await engine.query(
      query(`select pg_terminate_backend(pid) from pg_stat_activity
        where pid <> pg_backend_pid() and datname = current_database() and application_name = 'evolution-todo'`),
    );
    expect(rows).toHaveLength(2);
    await vi.waitFor(() => expect(onConnectionLost).toHaveBeenCalledTimes(2));
    expect(await Promise.all([text('select 1'), text('select 2'), text('select 3')])).toEqual(['1', '2', '3']);
  });

  it('is connected to again after it has broken a connection in use', async () => {
    await expect(engine.query(query('select pg_terminate_backend(pg_backend_pid())'))).rejects.toThrow();
    expect(await text('select 1')).toBe('1');
  });
});
