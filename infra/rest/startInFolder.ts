import { rm } from 'node:fs/promises';
import { type Closer, startTogether } from '../real/process/together.ts';
import { temporaryFolder } from '../real/temporaryFolder.ts';

/**
 * Starts what has several parts, all of them or none, on a new folder, which goes with them. Where they can't be started the
 * folder stays, with the logs that say why.
 */
export async function startInFolder<T extends object>(
  start: (folder: string, closers: Closer[]) => Promise<T>,
): Promise<T & { close(): Promise<void> }> {
  const folder = await temporaryFolder('evolution-todo-rest-');
  const started = await startTogether((closers) => start(folder, closers));
  return {
    ...started,
    async close() {
      await started.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
