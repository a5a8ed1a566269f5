import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { pgliteEngine } from '../local/postgres/pgliteEngine.ts';
import { migrate } from '../migrations/migrate.ts';
import { migrationsHash } from './migrationsHash.ts';
import type { TestEngine } from './testEngine.ts';

const nodeModules = fileURLToPath(new URL('../../node_modules/', import.meta.url));
const cacheFolder = join(nodeModules, '.cache/evolution-todo');

/** A migrated in-memory database. */
export async function embeddedTestEngine(): Promise<TestEngine> {
  const engine = pgliteEngine(await PGlite.create({ loadDataDir: await embeddedTemplate() }));
  return { engine, dispose: () => engine.close() };
}

/** A migrated data folder as a tar file. Making one takes seconds, so it is kept for each state of the migrations. */
export async function embeddedTemplate(): Promise<Blob> {
  const { version } = JSON.parse(await readFile(join(nodeModules, '@electric-sql/pglite/package.json'), 'utf8'));
  const file = join(cacheFolder, `postgres-${version}-${await migrationsHash()}.tar`);
  return new Blob([(await readFile(file).catch(() => undefined)) ?? (await makeTemplate(file))]);
}

async function makeTemplate(file: string): Promise<Buffer<ArrayBuffer>> {
  // Small write-ahead log segments: they are most of an empty database, and each test file copies them.
  const pglite = await PGlite.create({ initDbStartParams: ['--wal-segsize=1'] });
  const engine = pgliteEngine(pglite);
  await migrate(engine);
  await engine.query({ text: 'checkpoint', params: [] });
  // Uncompressed, it loads in three quarters of the time.
  const template = Buffer.from(await (await pglite.dumpDataDir('none')).arrayBuffer());
  await engine.close();
  await mkdir(cacheFolder, { recursive: true });
  // Other test files may look for it, or make it, at the same time: it appears whole or not at all.
  const unfinished = `${file}.${randomUUID()}`;
  await writeFile(unfinished, template);
  await rename(unfinished, file);
  const outdated = (await readdir(cacheFolder)).filter((name) => name.endsWith('.tar') && name !== basename(file));
  for (const name of outdated) await rm(join(cacheFolder, name), { force: true });
  return template;
}
