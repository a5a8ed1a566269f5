import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type FolderLock, lockFolder } from '../../local/postgres/folderLock.ts';

export interface CachedFolder {
  /** The name of the folder in the cache: whatever decides about its content must be part of it. */
  name: string;
  /** Fills an empty folder, which takes the cached one's place when this resolves. */
  fill(folder: string): Promise<void>;
  /** Called while another process fills it, with the seconds waited so far. */
  onWait: (seconds: number) => void;
  /** The folder of all caches; left out, that of the user (`XDG_CACHE_HOME`, else `~/.cache`). */
  root?: string | undefined;
}

/** How often a process that waits for another's work looks whether it is done. */
const LOOK_INTERVAL_MS = 1_000;

/**
 * The path of a folder that is filled once and then kept for every later run, outside any working tree. It is there
 * whole or not at all, and of two processes that want it at once one fills it and the other waits.
 */
export async function cachedFolder({ name, fill, onWait, root = userCache() }: CachedFolder): Promise<string> {
  const folder = join(root, 'evolution-todo', name);
  if (await exists(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  const lockedFolder = `${folder}.lock`;
  const startedAt = performance.now();
  let lock = await tryLock(lockedFolder);
  while (!lock) {
    onWait(Math.round((performance.now() - startedAt) / 1000));
    await delay(LOOK_INTERVAL_MS);
    lock = await tryLock(lockedFolder);
  }
  try {
    if (!(await exists(folder))) await fillAside(folder, fill);
  } finally {
    await lock.release();
  }
  return folder;
}

async function fillAside(folder: string, fill: CachedFolder['fill']): Promise<void> {
  const draft = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`));
  try {
    await fill(draft);
    await rename(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

async function tryLock(folder: string): Promise<FolderLock | undefined> {
  try {
    return await lockFolder(folder);
  } catch (error) {
    if (error instanceof Error && / is in use by process /.test(error.message)) return undefined;
    throw error;
  }
}

function userCache(): string {
  return process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
