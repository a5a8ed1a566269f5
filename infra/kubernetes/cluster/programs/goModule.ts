import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedFolder } from '../../../real/cache/cache.ts';
import { withElapsed } from '../../../real/cache/elapsed.ts';
import { runCommand } from '../../../real/process/command.ts';

/** One of the folders beside this file: a Go module that makes programs of others' modules buildable. */
export interface GoModule {
  /** The folder's name. */
  readonly name: string;
  /** What a person calls it. */
  readonly title: string;
  /** The Go module whose version is that of the programs; left out, the folder's own code is built. */
  readonly source?: string;
  /** Minutes that the build takes on two cores where nothing of it was built before. */
  readonly minutes: number;
  /** Flags for the linker, which know the version. */
  readonly linkerFlags?: (version: string) => readonly string[];
  /** Completes the folder, with other files of the modules too, by the folder that each module is in. */
  readonly complete?: (draft: string, folderOf: (module: string) => Promise<string>) => Promise<void>;
}

export interface BuiltModule {
  readonly folder: string;
  readonly version: string;
}

const modulesFolder = fileURLToPath(new URL('.', import.meta.url));
/** Part of the name in the cache: to be raised when the same module is built in another way. */
const BUILD = 1;

/** Builds the programs of a module, once on this machine for each state of its files. */
export async function buildGoModule(module: GoModule, onProgress: (step: string) => void): Promise<BuiltModule> {
  const cwd = join(modulesFolder, module.name);
  const files = (await readdir(cwd)).sort();
  const hash = createHash('sha256').update(`${BUILD}\n`);
  for (const file of files) hash.update(`${file}\n`).update(await readFile(join(cwd, file)));
  const mod = readGoMod(await readFile(join(cwd, 'go.mod'), 'utf8'), module.source);
  const title = `${module.title} ${mod.version}`;
  const install = `install Go ${mod.go} or later (https://go.dev/dl), which builds ${module.title}`;
  const go = (args: readonly string[]) =>
    runCommand('go', args, { cwd, install, env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '' } });
  const folder = await cachedFolder({
    name: `cluster/${module.name}-${mod.version}-${hash.digest('hex').slice(0, 12)}`,
    onWait: (seconds) => onProgress(`waiting for another process that builds ${title}: ${seconds} s`),
    async fill(draft) {
      const flags = ['-s', '-w', ...(module.linkerFlags?.(mod.version) ?? [])].join(' ');
      const build = ['build', '-trimpath', '-buildvcs=false', '-ldflags', flags, '-o', `${draft}/`, ...mod.packages];
      const step = `building ${title} (once; ${module.minutes} min or so on two cores)`;
      await withElapsed(onProgress, step, () => go(build));
      await module.complete?.(draft, async (name) => (await go(['list', '-m', '-f', '{{.Dir}}', name])).trim());
    },
  });
  return { folder, version: mod.version };
}

/** What a go.mod says: which packages to build, at which version of `source`, with which Go at least. */
export function readGoMod(text: string, source?: string): { packages: string[]; version: string; go: string } {
  const go = /^go (\S+)$/m.exec(text)?.[1];
  if (!go) throw new Error('go.mod names no version of Go');
  if (!source) return { packages: ['.'], version: '1', go };
  const version = text.split('\n').map((line) => /^(?:require |\t)(\S+) v(\S+)/.exec(line));
  const found = version.find((match) => match?.[1] === source)?.[2];
  const block = /^tool \(\n([\s\S]*?)^\)/m.exec(text)?.[1]?.trim().split(/\s+/);
  const packages = block ?? [...text.matchAll(/^tool (\S+)$/gm)].map(([, name]) => name ?? '');
  if (!found || packages.length === 0) throw new Error(`go.mod names no version of ${source}, or no tool`);
  return { packages, version: found, go };
}
