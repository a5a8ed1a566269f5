import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { type Creation, ensureDataFolder } from './dataFolder.ts';
import type { SqlEngine } from './engine.ts';
import { lockFolder } from './folderLock.ts';
import { pgliteEngine } from './pgliteEngine.ts';

/**
 * Opens the PostgreSQL that runs inside this process (PGlite), with its data in `data` below the folder; creates it at
 * the first start, which takes some seconds. Rejects when another process has the folder, and when the data is damaged,
 * which it leaves as it is.
 *
 * What was committed survives the process being killed at any time. It need not survive a power cut: there is no fsync.
 */
export async function openEmbedded(folder: string): Promise<SqlEngine> {
  await mkdir(folder, { recursive: true });
  const lock = await lockFolder(folder);
  try {
    const data = join(folder, 'data');
    await ensureDataFolder(data, create);
    const engine = pgliteEngine(await open(data));
    return {
      ...engine,
      close: () => engine.close().finally(lock.release),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

const create: Creation = async (data) => {
  const pglite = await start(data).catch((error: Error) => {
    throw new Error(`no database could be created in ${data}: ${error.message}`, { cause: error });
  });
  await pglite.close();
};

function open(data: string): Promise<PGlite> {
  return start(data).catch((error: Error) => {
    throw new Error(
      `data folder ${data} can't be opened: ${error.message}. Restore it from a backup, or move it away to start with ` +
        'an empty database',
      { cause: error },
    );
  });
}

/** Starts PGlite; when that fails, the error is Postgres' own last words instead of WebAssembly's. */
async function start(data: string): Promise<PGlite> {
  const lastWords: string[] = [];
  let started = false;
  try {
    const pglite = await PGlite.create(data, {
      onStderr(line) {
        const word = /(?:FATAL|PANIC|DETAIL|postgres): +(.+)/.exec(line)?.[1];
        if (!started && word) lastWords.push(word.replaceAll(PGlite.paths.PGDATA, data));
        return false;
      },
    });
    started = true;
    return pglite;
  } catch (error) {
    if (lastWords.length === 0) throw error;
    throw new Error(lastWords.map((word) => word.replace(/\.$/, '')).join('; '), { cause: error });
  }
}
