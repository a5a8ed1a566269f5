import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder } from '../cache/cache.ts';
import { withElapsed } from '../cache/elapsed.ts';
import { runCommand } from '../process/command.ts';

/** A program of Dapr's, built from a Go module of ours that names its version. */
export interface DaprProgram {
  name: string;
  /** Of Dapr's module, or `.` where the module of ours has the program's first lines. */
  package: string;
  /** The folder of the module. */
  moduleFolder: string;
  /** Build tags, comma-separated. */
  tags: string;
  /** How long the build takes where nothing of it was built before. */
  duration: string;
}

/** Builds a program at the version that its go.mod names, once on this machine, and resolves to the program's path. */
export async function buildDaprProgram(
  { name, package: toBuild, moduleFolder, tags, duration }: DaprProgram,
  onProgress: (step: string) => void,
): Promise<string> {
  const sources = (await readdir(moduleFolder)).filter((file) => file.endsWith('.go')).sort();
  const texts = await Promise.all(
    ['go.mod', 'go.sum', ...sources].map((file) => readFile(join(moduleFolder, file), 'utf8')),
  );
  const { dapr, go } = versions(texts[0] ?? '');
  const hash = createHash('sha256')
    .update([tags, ...texts].join('\n'))
    .digest('hex')
    .slice(0, 12);
  const folder = await cachedFolder({
    name: `${name}/${dapr}-${hash}`,
    onWait: (seconds) => onProgress(`waiting for another process that builds ${name}: ${seconds} s`),
    async fill(draft) {
      const install = `install Go ${go} or later (https://go.dev/dl), which builds ${name}`;
      const options = { cwd: moduleFolder, install };
      await requireGo(options);
      const flags = `-s -w -X github.com/dapr/dapr/pkg/buildinfo.version=${dapr}`;
      const args = ['build', ...(tags ? ['-tags', tags] : []), '-ldflags', flags, '-o', join(draft, name)];
      const step = `building ${name} ${dapr} (once; ${duration} where nothing of it was built before)`;
      await withElapsed(onProgress, step, () => runCommand('go', [...args, toBuild], options));
    },
  });
  return join(folder, name);
}

/** What go.mod asks for: the version of Dapr, and the oldest Go that can build it. */
export function versions(mod: string): { dapr: string; go: string } {
  const dapr = /^\s*(?:require )?github\.com\/dapr\/dapr v(\S+)/m.exec(mod)?.[1];
  const go = /^go (\S+)$/m.exec(mod)?.[1];
  if (!dapr || !go) throw new Error('go.mod names no version of github.com/dapr/dapr, or none of Go');
  return { dapr, go };
}

/** Go itself compares its version with go.mod's, and fetches a newer one where it is set up to (`GOTOOLCHAIN`). */
async function requireGo(options: { cwd: string; install: string }): Promise<void> {
  await runCommand('go', ['list', '-m'], options).catch((error: Error) => {
    throw error.message.includes('go list')
      ? new Error(`this Go is too old: ${options.install}\n${error.message}`)
      : error;
  });
}
