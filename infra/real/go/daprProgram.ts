import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedFolder } from '../cache/cache.ts';
import { withElapsed } from '../cache/elapsed.ts';
import { runCommand } from '../process/command.ts';
import { moduleLicenses } from './moduleLicenses.ts';

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
  /**
   * Builds it for an image: it needs no C library, is the same bytes wherever the same Go builds it, and has the licences of
   * what is in it beside it, as `licenses.txt`.
   */
  forImage?: boolean;
}

/** Neither paths of the machine nor the commit that the sources are of. */
const REPRODUCIBLE = ['-trimpath', '-buildvcs=false'];

/** Builds a program at the version that its go.mod names, once on this machine, and resolves to the program's path. */
export async function buildDaprProgram(
  { name, package: toBuild, moduleFolder, tags, duration, forImage = false }: DaprProgram,
  onProgress: (step: string) => void,
): Promise<string> {
  const sources = (await readdir(moduleFolder)).filter((file) => file.endsWith('.go')).sort();
  const texts = await Promise.all(
    ['go.mod', 'go.sum', ...sources].map((file) => readFile(join(moduleFolder, file), 'utf8')),
  );
  const { dapr, go } = versions(texts[0] ?? '');
  const hash = createHash('sha256')
    .update([tags, ...(forImage ? REPRODUCIBLE : []), ...texts].join('\n'))
    .digest('hex')
    .slice(0, 12);
  const folder = await cachedFolder({
    name: `${name}/${dapr}-${hash}`,
    onWait: (seconds) => onProgress(`waiting for another process that builds ${name}: ${seconds} s`),
    async fill(draft) {
      const install = `install Go ${go} or later (https://go.dev/dl), which builds ${name}`;
      const env = { ...process.env, ...(forImage && { CGO_ENABLED: '0' }) };
      const options = { cwd: moduleFolder, env, install };
      await requireGo(options);
      const flags = `-s -w -X github.com/dapr/dapr/pkg/buildinfo.version=${dapr}`;
      const tagged = tags ? ['-tags', tags] : [];
      const reproducible = forImage ? REPRODUCIBLE : [];
      const args = ['build', ...tagged, ...reproducible, '-ldflags', flags, '-o', join(draft, name)];
      const step = `building ${name} ${dapr} (once; ${duration} where nothing of it was built before)`;
      await withElapsed(onProgress, step, () => runCommand('go', [...args, toBuild], options));
      if (forImage) await writeFile(join(draft, 'licenses.txt'), await moduleLicenses(toBuild, options));
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
