import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Closer } from '../real/process/together.ts';

/** A folder for a platform's data, which goes with it. */
export async function dataFolder(closers: Closer[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'evolution-todo-rest-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  // Postgres, which root may not run, must get to its folder in here.
  if (process.getuid?.() === 0) await chmod(folder, 0o711);
  return folder;
}
