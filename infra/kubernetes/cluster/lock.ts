import { mkdir, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFolder } from '../../local/postgres/folderLock.ts';

/**
 * Does something to the cluster while nobody else does. Rejects where another process is at it. Makes the folder where
 * it is missing, and leaves none that is empty.
 */
export async function exclusively<T>(run: string, work: () => Promise<T>): Promise<T> {
  await mkdir(run, { recursive: true, mode: 0o700 });
  const lock = await lockFolder(run).catch((error: Error) => {
    const pid = / is in use by process (\d+)/.exec(error.message)?.[1];
    throw pid ? new Error(`process ${pid} is just starting or stopping the cluster: wait for it, or stop it`) : error;
  });
  try {
    return await work();
  } finally {
    await lock.release();
    // In vain where a cluster runs, or where another process has just taken the lock.
    await rmdir(join(run, 'lock')).catch(() => {});
    await rmdir(run).catch(() => {});
  }
}
