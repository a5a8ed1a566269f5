import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedFolder } from '../cache/cache.ts';
import { withElapsed } from '../cache/elapsed.ts';
import { runCommand } from '../process/command.ts';

const moduleFolder = fileURLToPath(new URL('.', import.meta.url));
/** Without one of its component tags daprd panics at start; `stablecomponents` leaves out SMTP and this name resolver. */
const TAGS = 'allcomponents';

/** Builds daprd at the version that go.mod names, once on this machine, and resolves to the program's path. */
export async function buildDaprd(onProgress: (step: string) => void): Promise<string> {
  const [mod, sum] = await Promise.all(['go.mod', 'go.sum'].map((file) => readFile(join(moduleFolder, file), 'utf8')));
  const { dapr, go } = versions(mod ?? '');
  const hash = createHash('sha256').update(`${TAGS}\n${mod}\n${sum}`).digest('hex').slice(0, 12);
  const folder = await cachedFolder({
    name: `daprd/${dapr}-${hash}`,
    onWait: (seconds) => onProgress(`waiting for another process that builds daprd: ${seconds} s`),
    async fill(draft) {
      const install = `install Go ${go} or later (https://go.dev/dl), which builds daprd`;
      await requireGo(install);
      const step = `building daprd ${dapr} (once; about five minutes where nothing of it was built before)`;
      await withElapsed(onProgress, step, () => build(join(draft, 'daprd'), dapr, install));
    },
  });
  return join(folder, 'daprd');
}

/** What go.mod asks for: the version of Dapr, and the oldest Go that can build it. */
export function versions(mod: string): { dapr: string; go: string } {
  const dapr = /^\s*(?:require )?github\.com\/dapr\/dapr v(\S+)/m.exec(mod)?.[1];
  const go = /^go (\S+)$/m.exec(mod)?.[1];
  if (!dapr || !go) throw new Error('go.mod names no version of github.com/dapr/dapr, or none of Go');
  return { dapr, go };
}

/** Go itself compares its version with go.mod's, and fetches a newer one where it is set up to (`GOTOOLCHAIN`). */
async function requireGo(install: string): Promise<void> {
  await runCommand('go', ['list', '-m'], { cwd: moduleFolder, install }).catch((error: Error) => {
    throw error.message.includes('go list') ? new Error(`this Go is too old: ${install}\n${error.message}`) : error;
  });
}

async function build(output: string, version: string, install: string): Promise<void> {
  const flags = `-s -w -X github.com/dapr/dapr/pkg/buildinfo.version=${version}`;
  const args = ['build', '-tags', TAGS, '-ldflags', flags, '-o', output, 'github.com/dapr/dapr/cmd/daprd'];
  await runCommand('go', args, { cwd: moduleFolder, install });
}
