import { setTimeout as delay } from 'node:timers/promises';
import type { ReadyProcess } from './launch.ts';
import { isHealthy } from './readiness.ts';

/** How a process that runs is looked after, as Kubernetes does it. */
export interface LivenessProbe {
  readonly path: string;
  /** Milliseconds between two looks. */
  readonly periodMs: number;
  /** So many looks in a row without a 200, and the process counts as dead. */
  readonly failureThreshold: number;
}

/** Looks after a process for as long as it lasts, and tells once that it is dead: it runs, but does not answer. */
export function watchLiveness(process: ReadyProcess, probe: LivenessProbe, onDead: () => void): void {
  const ended = new AbortController();
  const { signal } = ended;
  void process.exited.then(() => ended.abort());

  async function watch(): Promise<void> {
    let failures = 0;
    while (failures < probe.failureThreshold) {
      await delay(probe.periodMs, undefined, { signal, ref: false });
      const isAlive = await isHealthy({ port: process.port, path: probe.path, agent: false, signal });
      failures = isAlive ? 0 : failures + 1;
    }
    if (!signal.aborted) onDead();
  }

  // It rejects when the process ends, which is the end of the matter.
  watch().catch(() => {});
}
