import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand } from '../../real/process/command.ts';
import type { TarEntry } from './tar.ts';

/** How name look-ups reach glibc's resolvers that are files of their own (before glibc 2.34). */
const NAME_SERVICES = ['libnss_dns.so.2', 'libnss_files.so.2', 'libresolv.so.2'];
/** What `ldd` says of a program that needs no library. */
const STATIC = /not a dynamic executable|statically linked/;

/** The shared libraries that a program of this machine needs, at the paths where it looks for them. */
export async function libraryEntries(program: string): Promise<TarEntry[]> {
  const install = 'install the C library (Debian: libc-bin)';
  const listed = await runCommand('ldd', [program], { install }).catch((error: Error) => {
    if (STATIC.test(error.message)) return '';
    throw error;
  });
  const libraries = sharedLibraries(listed);
  const paths = libraries.length > 0 ? [...libraries, ...(await nameServices(libraries))] : [];
  return paths.map((source) => ({ path: source, kind: 'file', mode: 0o755, source }));
}

/** The files that `ldd` names. Throws where one is not to be found on this machine. */
export function sharedLibraries(listed: string): string[] {
  const missing = /^\s*(\S+) => not found/m.exec(listed)?.[1];
  if (missing) throw new Error(`the shared library ${missing} is missing`);
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
