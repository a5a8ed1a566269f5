import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Makes a new folder whose name begins with this, into which a Postgres server can get, which root may not run. */
export async function temporaryFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  if (process.getuid?.() === 0) await chmod(folder, 0o711);
  return folder;
}
