import { dirname, join } from 'node:path';
import { buildScheduler } from '../../real/scheduler/build.ts';
import type { ProgramImage } from './projectImages.ts';
import { SURROUNDINGS } from './surroundings.ts';

/** What the image of Dapr's scheduler is called in the manifests, between repository and version. */
export const SCHEDULER_IMAGE = 'scheduler';

/** Where it has its program. */
const PROGRAM = '/usr/local/bin/scheduler';

/**
 * Dapr's scheduler as an image of the project's own, since an image of Dapr's would hang up on daprd again and again
 * (infra/real/scheduler/main.go). It is built by Go, once on this machine; rejects, with what to install, where that is
 * missing.
 */
export async function schedulerImage(onProgress: (step: string) => void): Promise<ProgramImage> {
  const source = await buildScheduler(onProgress);
  return {
    name: SCHEDULER_IMAGE,
    entries: [
      { path: PROGRAM, kind: 'file', mode: 0o755, source },
      { path: '/licenses.txt', kind: 'file', mode: 0o644, source: join(dirname(source), 'licenses.txt') },
      ...SURROUNDINGS,
    ],
    entrypoint: [PROGRAM],
  };
}
