import { execFile } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { promisify } from 'node:util';

/** Where a figure was measured. */
export interface Machine {
  cores: number;
  model: string;
  memoryGb: number;
  /** Processes that wanted a core in the minute before, on average: more than cores, and wall time tells of them too. */
  load: number;
  date: string;
}

export function describeMachine(now: Date): Machine {
  const [cpu] = cpus();
  return {
    cores: cpus().length,
    model: cpu?.model ?? 'unknown',
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    load: Math.round((loadavg()[0] ?? 0) * 10) / 10,
    date: now.toISOString(),
  };
}

/** The version of a Node executable, like `24.1.0`. @throws where it is none */
export async function nodeVersion(node: string): Promise<string> {
  const { stdout } = await promisify(execFile)(node, ['--version']).catch((error: Error) => {
    throw new Error(`${node} is no Node that runs here: ${error.message}`);
  });
  return stdout.trim().replace(/^v/, '');
}
