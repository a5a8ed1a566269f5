import { vi } from 'vitest';
import type { Part } from '../real/process/part.ts';
import type { Subject } from './subject.ts';

/** As long as a busy machine may need to start a process. */
const START = { timeout: 30_000, interval: 20 };

/** A subject whose process is a part; it counts as started when its API answers, whether its app listens or not. */
export function subjectOf(part: Part, url: string): Subject {
  return {
    url,
    async start() {
      const serving = part.start();
      // Where the app does not listen, the part is not healthy, and in the end is given up.
      serving.catch(() => {});
      await Promise.race([serving, vi.waitFor(() => answers(url), START)]);
    },
    stop: part.stop,
    kill: part.kill,
  };
}

/** Rejects while the API does not answer. */
export async function answers(url: string): Promise<void> {
  const response = await fetch(`${url}/v1.0/healthz/outbound`);
  if (!response.ok) throw new Error(`${url} answers ${response.status}`);
}
