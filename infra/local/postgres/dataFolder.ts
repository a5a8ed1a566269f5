import { mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Makes a database in a folder that exists and is empty, and closes it. */
export type Creation = (folder: string) => Promise<void>;

/**
 * Makes sure that a data folder holds a database: creates one where there is nothing, and rejects where there is
 * something else, over which Postgres would otherwise begin anew. A creation that is killed half-way leaves nothing in
 * its place: the database is made beside it and moved when complete. For a caller that has the parent folder locked.
 */
export async function ensureDataFolder(folder: string, create: Creation): Promise<void> {
  const found = await entries(folder);
  if (found.includes('PG_VERSION')) return;
  if (found.length > 0) {
    throw new Error(
      `data folder ${folder} is damaged, or no data folder: it has no PG_VERSION, but ${sample(found)}. Restore it from ` +
        'a backup, or move it away to start with an empty database',
    );
  }
  const parent = dirname(folder);
  const prefix = `${basename(folder)}-creating-`;
  for (const leftover of (await entries(parent)).filter((name) => name.startsWith(prefix))) {
    await rm(join(parent, leftover), { recursive: true, force: true });
  }
  const unfinished = await mkdtemp(join(parent, prefix));
  try {
    await create(unfinished);
    await rename(unfinished, folder);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

async function entries(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}

function sample(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ');
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
}
