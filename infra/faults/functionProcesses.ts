import { fileURLToPath } from 'node:url';
import { processTable } from './processes.ts';

const bundles = fileURLToPath(new URL('../../dist/', import.meta.url));

/** Numbers of the functions' processes that a platform's process has started, in the order of their names. */
export async function functionPids(platform: number | undefined): Promise<number[]> {
  if (platform === undefined) return [];
  const functions = (await processTable()).filter(
    (entry) => entry.parent === platform && entry.command.includes(bundles),
  );
  return functions.sort((one, other) => (one.command < other.command ? -1 : 1)).map(({ pid }) => pid);
}
