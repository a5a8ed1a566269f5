import { NeonDbError, type NeonQueryFunction, neon, neonConfig } from '@neondatabase/serverless';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../testing/database.ts';
import { eachEngine } from '../../testing/engines.ts';

eachEngine('errors through the driver', (place) => {
  let database: TestDatabase;
  let sql: NeonQueryFunction<false, false>;
  beforeAll(async () => {
    database = await testDatabase(place, 'owner');
    neonConfig.fetchEndpoint = database.fetchEndpoint;
    sql = neon(database.url);
    await sql`create table shelf (id int constraint shelf_once primary key, label text not null)`;
  });
  afterAll(() => database.close());

  const errorOf = (query: Promise<unknown>) =>
    query.then(
      () => expect.fail('it should have failed'),
      (error: NeonDbError) => error,
    );

  it('tell which constraint of which table was violated, and by what', async () => {
    await sql`insert into shelf values (1, 'a')`;
    const error = await errorOf(sql`insert into shelf values (1, 'b')`);
    expect(error).toBeInstanceOf(NeonDbError);
    expect(error).toMatchObject({
      message: 'duplicate key value violates unique constraint "shelf_once"',
      severity: 'ERROR',
      code: '23505',
      detail: 'Key (id)=(1) already exists.',
      schema: 'public',
      table: 'shelf',
      constraint: 'shelf_once',
      file: 'nbtinsert.c',
      routine: '_bt_check_unique',
    });
    expect(error.line).toMatch(/^\d+$/);
    expect(error.hint).toBeUndefined();
  });

  it('tell which column must not be null', async () => {
    expect(await errorOf(sql`insert into shelf (id) values (2)`)).toMatchObject({
      code: '23502',
      table: 'shelf',
      column: 'label',
    });
  });

  it('tell where the syntax is wrong', async () => {
    expect(await errorOf(sql.query('select 1 from where'))).toMatchObject({ code: '42601', position: '15' });
  });

  it('carry what a function raises: code, detail, hint, and where', async () => {
    await sql`create function refuse() returns void language plpgsql as $$
      begin raise exception 'stale write' using errcode = 'ET001', detail = 'version 3', hint = 'read again'; end $$`;
    const error = await errorOf(sql`select refuse()`);
    expect(error).toMatchObject({ message: 'stale write', code: 'ET001', detail: 'version 3', hint: 'read again' });
    expect(error.where).toContain('PL/pgSQL function refuse() line 2 at RAISE');
  });

  it('tell where inside of a function a statement is wrong', async () => {
    await sql`create function broken() returns void language plpgsql as $$ begin perform nothing(); end $$`;
    expect(await errorOf(sql`select broken()`)).toMatchObject({
      code: '42883',
      internalQuery: expect.stringContaining('nothing()'),
      internalPosition: expect.stringMatching(/^\d+$/),
    });
  });

  it.each([
    ['several statements at once', 'select 1; select 2', [], '42601'],
    ['a value that is none of its type', 'select $1::int', ['x'], '22P02'],
    ['fewer parameters than placeholders', 'select $1::int, $2::int', ['1'], '08P01'],
    ['more parameters than there can be', 'select 1', Array(70_000).fill('1'), '54000'],
    ['COPY, which needs a connection of its own', 'copy shelf from stdin', [], '0A000'],
  ])('come of %s', async (_, text, params, code) => {
    expect(await errorOf(sql.query(text, params))).toMatchObject({ code });
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  });

  it('of a batch are those of the statement that failed', async () => {
    expect(await errorOf(sql.transaction([sql`select 1`, sql`select 1 / 0`, sql`selec`]))).toMatchObject({
      message: 'division by zero',
      code: '22012',
    });
  });
});
