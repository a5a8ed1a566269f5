import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';

const schema = z.object({
  phase: z.enum(['starting', 'running']),
  /** Where its data is. */
  data: z.string(),
  /** ISO 8601, UTC. */
  since: z.string(),
  kubectl: z.string(),
  /** The machine's own, to be put back. */
  kernelSettings: z.record(z.string(), z.string()),
});

/** What is known of the cluster of this machine, by whom ever asks. */
export type ClusterState = z.output<typeof schema>;

const FILE = 'state.json';

/** Undefined where there is no cluster. */
export async function readState(run: string): Promise<ClusterState | undefined> {
  const text = await readFile(join(run, FILE), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}

export async function writeState(run: string, state: ClusterState): Promise<void> {
  await mkdir(run, { recursive: true, mode: 0o700 });
  const draft = join(run, `.${FILE}`);
  await writeFile(draft, JSON.stringify(state));
  await rename(draft, join(run, FILE));
}
