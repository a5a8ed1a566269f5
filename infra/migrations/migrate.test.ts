import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { SqlEngine } from '../local/postgres/engine.ts';
import { eachEngine } from '../testing/engines.ts';
import { type TestEngine, testEngine } from '../testing/testEngine.ts';
import { MIGRATIONS_TABLE, migrate, migrationStatus } from './migrate.ts';

eachEngine('migrating', (place) => {
  let test: TestEngine;
  let engine: SqlEngine;
  let folder: string;
  beforeAll(async () => {
    test = await testEngine(place);
    engine = test.engine;
  });
  afterAll(() => test.dispose());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'migrations [of a test]-'));
    await engine.session((session) => session.exec('drop schema public cascade; create schema public'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const write = (file: string, sql: string) => writeFile(join(folder, file), sql);
  const rows = async (text: string) => (await engine.query({ text, params: [] })).rows;
  const run = async () => {
    const seen: string[] = [];
    return { files: await migrate(engine, { folder, onProgress: (file) => seen.push(file) }), seen };
  };

  it('runs what has not run yet, in order, and tells of each', async () => {
    await write('0001.do.create-shelf.sql', 'create table shelf (id int); insert into shelf values (1);');
    await write('0002.do.fill-shelf.sql', 'insert into shelf select id + 1 from shelf');
    const both = ['0001.do.create-shelf.sql', '0002.do.fill-shelf.sql'];
    expect(await run()).toEqual({ files: both, seen: both });
    expect(await run()).toEqual({ files: [], seen: [] });

    await write('0003.do.empty-shelf.sql', 'delete from shelf where id = 1');
    expect(await migrationStatus(engine, folder)).toEqual({ applied: both, pending: ['0003.do.empty-shelf.sql'] });
    expect((await run()).files).toEqual(['0003.do.empty-shelf.sql']);
    expect(await rows('select id from shelf')).toEqual([['2']]);
  });

  it('only looks when it is asked for the status', async () => {
    await write('0001.do.create-shelf.sql', 'create table shelf (id int)');
    expect(await migrationStatus(engine, folder)).toEqual({ applied: [], pending: ['0001.do.create-shelf.sql'] });
    expect(await rows(`select to_regclass('${MIGRATIONS_TABLE}')`)).toEqual([[null]]);
  });

  it('leaves nothing of a migration that fails, keeps those before it, and can be repeated', async () => {
    await write('0001.do.create-shelf.sql', 'create table shelf (id int)');
    await write('0002.do.break.sql', 'insert into shelf values (1); select 1 / 0; insert into shelf values (2)');
    await expect(run()).rejects.toThrow('migration 0002.do.break.sql failed and was rolled back: division by zero');
    expect(await rows('select id from shelf')).toEqual([]);
    expect((await migrationStatus(engine, folder)).pending).toEqual(['0002.do.break.sql']);

    await write('0002.do.break.sql', 'insert into shelf values (3)');
    expect((await run()).files).toEqual(['0002.do.break.sql']);
    expect(await rows('select id from shelf')).toEqual([['3']]);
  });

  it('refuses a folder in which a migration that has run was edited, and says which', async () => {
    await write('0001.do.create-shelf.sql', 'create table shelf (id int)');
    await run();
    await write('0001.do.create-shelf.sql', 'create table shelf (id bigint)');
    await write('0002.do.fill-shelf.sql', 'insert into shelf values (1)');
    const message =
      '0001.do.create-shelf.sql has run on this database in another wording: restore it, and put the change';
    await expect(run()).rejects.toThrow(message);
    await expect(migrationStatus(engine, folder)).rejects.toThrow(message);
    expect(await rows('select id from shelf')).toEqual([]);
  });

  it('takes a file with other line endings for the same', async () => {
    await write('0001.do.create-shelf.sql', 'create table shelf (\n  id int\n)\n');
    await run();
    await write('0001.do.create-shelf.sql', 'create table shelf (\r\n  id int\r\n)\r\n');
    expect((await run()).files).toEqual([]);
  });

  it('refuses a database that is newer than the folder', async () => {
    await write('0001.do.create-shelf.sql', 'create table shelf (id int)');
    await write('0002.do.fill-shelf.sql', 'insert into shelf values (1)');
    await run();
    await rm(join(folder, '0002.do.fill-shelf.sql'));
    await expect(run()).rejects.toThrow(`the database is at migration 2, but ${folder} ends with 1`);
  });

  it('refuses a gap, a double and a name of another form, which would never run', async () => {
    await write('0001.do.create-shelf.sql', 'create table shelf (id int)');
    await write('0003.do.fill-shelf.sql', 'insert into shelf values (1)');
    await expect(run()).rejects.toThrow('0003.do.fill-shelf.sql is out of sequence: number 0002 comes here');
    await rename(join(folder, '0003.do.fill-shelf.sql'), join(folder, '0001.do.fill-shelf.sql'));
    await expect(run()).rejects.toThrow('0001.do.fill-shelf.sql is out of sequence: number 0002 comes here');
    await rename(join(folder, '0001.do.fill-shelf.sql'), join(folder, '0002-fill.sql'));
    await expect(run()).rejects.toThrow('0002-fill.sql is not named as a migration');
  });

  it('lets two at once both end well, and each migration run once', async () => {
    await write('0001.do.create-shelf.sql', 'create table shelf (id int)');
    await write('0002.do.fill-shelf.sql', 'insert into shelf values (1); select pg_sleep(0.2)');
    const [one, other] = await Promise.all([run(), run()]);
    expect([...one.files, ...other.files]).toEqual(['0001.do.create-shelf.sql', '0002.do.fill-shelf.sql']);
    expect(await rows('select id from shelf')).toEqual([['1']]);
  });
});
