import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SqlEngine } from '../local/postgres/engine.ts';
import { migrate, migrationsFolder } from '../migrations/migrate.ts';

/** Brings an empty database to where the migration whose file's name has `name` in it finds one. */
export async function migrateBefore(engine: SqlEngine, name: string): Promise<void> {
  const files = (await readdir(migrationsFolder)).filter((file) => file.endsWith('.sql')).sort();
  const end = files.findIndex((file) => file.includes(name));
  if (end < 0) throw new Error(`there is no migration "${name}"`);
  const folder = await mkdtemp(join(tmpdir(), 'migrations-'));
  try {
    for (const file of files.slice(0, end)) await copyFile(join(migrationsFolder, file), join(folder, file));
    await migrate(engine, { folder });
  } finally {
    await rm(folder, { recursive: true });
  }
}
