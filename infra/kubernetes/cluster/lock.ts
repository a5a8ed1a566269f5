import { lockFolder } from '../../local/postgres/folderLock.ts';

/** Does something to the cluster while nobody else does. Rejects where another process is at it. */
export async function exclusively<T>(run: string, work: () => Promise<T>): Promise<T> {
  const lock = await lockFolder(run).catch((error: Error) => {
    const pid = / is in use by process (\d+)/.exec(error.message)?.[1];
    throw pid ? new Error(`process ${pid} is just starting or stopping the cluster: wait for it, or stop it`) : error;
  });
  try {
    return await work();
  } finally {
    await lock.release();
  }
}
