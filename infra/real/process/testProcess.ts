import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOrphanReaper } from '../../local/gateway/orphanReaper.ts';
import { type RunningProcess, startProcess } from './process.ts';

/** Runs pieces of JavaScript as processes of their own, for tests; `close` removes what they leave. */
export async function createWorkshop() {
  const folder = await mkdtemp(join(tmpdir(), 'process-'));
  const reaper = createOrphanReaper();
  const started: RunningProcess[] = [];
  return {
    folder,
    logFile: join(folder, 'log'),
    async run(script: string, onLine?: (line: string) => void): Promise<RunningProcess> {
      const command = [process.execPath, '--eval', script] as const;
      const running = await startProcess({
        command,
        env: {},
        logFile: join(folder, 'log'),
        reaper,
        ...(onLine && { onLine }),
      });
      started.push(running);
      return running;
    },
    async close() {
      await Promise.all(started.map((running) => running.kill()));
      await reaper.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
