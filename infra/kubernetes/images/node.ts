import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand } from '../../real/process/command.ts';
import type { TarEntry } from './tar.ts';

/** Where images have Node. */
export const NODE = '/usr/local/bin/node';

/** How name look-ups reach glibc's resolvers that are files of their own (before glibc 2.34). */
const NAME_SERVICES = ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2'];

/** What an image needs to run Node, taken from this machine: the program that runs this, and its shared libraries. */
export async function nodeEntries(): Promise<TarEntry[]> {
  const listed = await runCommand('ldd', [process.execPath], { install: 'install the C library (Debian: libc-bin)' });
  const libraries = sharedLibraries(listed);
  return [
    { path: NODE, kind: 'file', mode: 0o755, source: process.execPath },
    ...[...libraries, ...(await nameServices(libraries))].map(
      (source): TarEntry => ({ path: source, kind: 'file', mode: 0o755, source }),
    ),
    { path: '/tmp', kind: 'folder', mode: 0o1777 },
    { path: '/etc/passwd', kind: 'text', mode: 0o644, text: 'nonroot:x:65532:65532::/:/sbin/nologin\n' },
    { path: '/etc/group', kind: 'text', mode: 0o644, text: 'nonroot:x:65532:\n' },
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
