import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand } from '../../real/process/command.ts';
import { debianRecords } from './debianFiles.ts';
import { nodePackage } from './nodePackage.ts';
import { SURROUNDINGS } from './surroundings.ts';
import type { TarEntry } from './tar.ts';

/** Where images have Node. */
export const NODE = '/usr/local/bin/node';

/** How name look-ups reach glibc's resolvers that are files of their own (before glibc 2.34). */
const NAME_SERVICES = ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2'];

/**
 * What an image needs to run Node: the pinned program, and the shared libraries that it has on this machine, with what
 * there is to say of both. Rejects on another machine than one with Debian's C library and 64-bit Intel processors.
 */
export async function nodeEntries(onProgress: (step: string) => void): Promise<TarEntry[]> {
  if (`${process.platform}-${process.arch}` !== 'linux-x64') {
    throw new Error(`images are made on linux-x64, not on ${process.platform}-${process.arch}; use the Dockerfile`);
  }
  const folder = await nodePackage(onProgress);
  const program = join(folder, 'bin/node');
  const listed = await runCommand('ldd', [program], { install: 'install the C library (Debian: libc-bin)' });
  const linked = sharedLibraries(listed);
  const libraries = [...linked, ...(await nameServices(linked))];
  return [
    { path: NODE, kind: 'file', mode: 0o755, source: program },
    { path: '/usr/share/doc/node/LICENSE', kind: 'file', mode: 0o644, source: join(folder, 'LICENSE') },
    ...libraries.map((source): TarEntry => ({ path: source, kind: 'file', mode: 0o755, source })),
    ...(await debianRecords(libraries)),
    ...SURROUNDINGS,
    { path: '/etc/nsswitch.conf', kind: 'text', mode: 0o644, text: 'hosts: files dns\n' },
  ];
}

/** The files that `ldd` names. Throws where one is not to be found on this machine. */
export function sharedLibraries(listed: string): string[] {
  const missing = /^\s*(\S+) => not found/m.exec(listed)?.[1];
  if (missing) throw new Error(`Node's shared library ${missing} is missing`);
  const paths = [...listed.matchAll(/^\s*(?:\S+ => )?(\/\S+) \(0x/gm)].map(([, path]) => path ?? '');
  return [...new Set(paths)];
}

async function nameServices(libraries: readonly string[]): Promise<string[]> {
  const folder = dirname(libraries.find((path) => path.includes('/libc.so')) ?? '/lib');
  const paths = NAME_SERVICES.map((name) => join(folder, name));
  const found = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => [path],
        () => [],
      ),
    ),
  );
  return found.flat().filter((path) => !libraries.includes(path));
}
