import { cp, mkdir, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { embeddedTemplate } from '../../testing/embeddedTemplate.ts';
import { openEmbedded } from './embedded.ts';
import { contenders } from './testContenders.ts';

const { start, killAll } = contenders();
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'embedded-'));
});
afterEach(async () => {
  await killAll();
  await rm(folder, { recursive: true });
});

const query = (text: string) => ({ text, params: [] });

it('is created at the first start, also after one that was killed in the middle of it', async () => {
  const creator = start(folder);
  creator.send('open');
  await vi.waitFor(async () => expect((await readdir(folder)).join()).toContain('data-creating-'), 20_000);
  await creator.kill();

  const engine = await openEmbedded(folder);
  expect((await engine.query(query('select 1'))).rows).toEqual([['1']]);
  await engine.close();
  expect((await readdir(folder)).sort()).toEqual(['data', 'lock']);
});

describe('a database on disk', () => {
  // One for all of these tests: to copy a data folder takes longer than most of them.
  let shared: string;
  let original: string;
  const data = (path: string) => join(shared, 'data', path);
  beforeAll(async () => {
    shared = await mkdtemp(join(tmpdir(), 'embedded-shared-'));
    original = await mkdtemp(join(tmpdir(), 'embedded-original-'));
    const pglite = await PGlite.create(original, { loadDataDir: await embeddedTemplate() });
    await pglite.close();
    await cp(original, join(shared, 'data'), { recursive: true });
  });
  afterAll(async () => {
    await rm(shared, { recursive: true });
    await rm(original, { recursive: true });
  });

  it.each([
    ['a control file that is gone', 'global/pg_control', gone, 'could not open file "global/pg_control"'],
    ['a garbled control file', 'global/pg_control', garbled, 'The database cluster was initialized with PG_CONTROL'],
    ['a version it does not know', 'PG_VERSION', ofVersion17, 'initialized by PostgreSQL version 17'],
    ['no write-ahead log', 'pg_wal', emptied, 'could not locate a valid checkpoint record'],
  ])('is refused with %s', async (_, path, damage, found) => {
    await damage(data(path));
    const failing = openEmbedded(shared);
    await expect(failing).rejects.toThrow(`data folder ${join(shared, 'data')} can't be opened: `);
    await expect(failing).rejects.toThrow(found);
    await expect(failing).rejects.toThrow('Restore it from a backup, or move it away to start with an empty database');
    expect(await readdir(join(shared, 'lock'))).toEqual([]);
    await cp(join(original, path), data(path), { recursive: true });
  });

  it('is not created anew over one that lost its version file', async () => {
    await rm(data('PG_VERSION'));
    await expect(openEmbedded(shared)).rejects.toThrow('it has no PG_VERSION, but base, global, ');
    expect(await readdir(data('base'))).not.toEqual([]);
    await cp(join(original, 'PG_VERSION'), data('PG_VERSION'));
  });

  it('keeps what was committed from one opening to the next', async () => {
    const first = await openEmbedded(shared);
    await first.query(query('create table kept as select 42 as answer'));
    await first.close();
    const second = await openEmbedded(shared);
    expect((await second.query(query('select answer from kept'))).rows).toEqual([['42']]);
    await second.close();
  });

  it('keeps what was committed when its process is killed', async () => {
    const writer = start(shared);
    let acknowledged = 0;
    writer.onReport((report) => {
      if ('inserted' in report) acknowledged = report.inserted;
    });
    writer.send('insert');
    await vi.waitFor(() => expect(acknowledged).toBeGreaterThan(100), 20_000);
    await writer.kill();

    const engine = await openEmbedded(shared);
    const { rows } = await engine.query(query('select count(*), max(number) from inserted'));
    await engine.close();
    const [count, last] = rows[0] as [string, string];
    expect(Number(count)).toBeGreaterThanOrEqual(acknowledged);
    expect(count).toBe(last);
  });

  it('is opened by one process only', async () => {
    const engine = await openEmbedded(shared);
    expect(await start(shared).tell('open')).toEqual({
      failed: expect.stringContaining(`data folder ${shared} is in use by process ${process.pid}; stop it`),
    });
    await engine.close();
  });
});

function gone(path: string): Promise<void> {
  return rm(path);
}

async function garbled(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await file.write(Buffer.alloc(4096, 0xa5), 0, 4096, 0);
  await file.close();
}

function ofVersion17(path: string): Promise<void> {
  return writeFile(path, '17\n');
}

async function emptied(path: string): Promise<void> {
  await rm(path, { recursive: true });
  await mkdir(join(path, 'archive_status'), { recursive: true });
}
