import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Closer, startTogether } from '../real/process/together.ts';

/**
 * Starts what has several parts, all of them or none, on a new folder, which goes with them. Where they can't be started the
 * folder stays, with the logs that say why.
 */
export async function startInFolder<T extends object>(
  start: (folder: string, closers: Closer[]) => Promise<T>,
): Promise<T & { close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'evolution-todo-rest-'));
  // Postgres, which root may not run, must get to its folder in here.
  if (process.getuid?.() === 0) await chmod(folder, 0o711);
  const started = await startTogether((closers) => start(folder, closers));
  return {
    ...started,
    async close() {
      await started.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
