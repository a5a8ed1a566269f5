import { basename, dirname } from 'node:path';
import { runCommand } from '../../real/process/command.ts';
import { importImage } from '../cluster/importImage.ts';
import { sharedLibraries } from '../images/node.ts';

/** Makes an image of a daprd that `buildDaprd` made, named as the overlay names it, and brings it to the node. */
export async function importDaprd(socket: string, program: string): Promise<void> {
  // The folder is named by the version, and by what it was built from.
  const version = basename(dirname(program)).split('-')[0];
  const libraries = await librariesOf(program);
  const layer = [
    { path: '/daprd', kind: 'file' as const, mode: 0o755, source: program },
    ...libraries.map((path) => ({ path, kind: 'file' as const, mode: 0o755, source: path })),
    { path: '/tmp', kind: 'folder' as const, mode: 0o1777 },
  ];
  await importImage(socket, { name: `dev.local/daprd:${version}`, layers: [layer], entrypoint: ['/daprd'] });
}

/** The shared libraries of a program: none where Go had no C compiler to link it with. */
async function librariesOf(program: string): Promise<string[]> {
  const listing = runCommand('ldd', [program], { install: 'install the C library (Debian: libc-bin)' });
  const listed = await listing.catch((error: Error) => {
    if (/not a dynamic executable/.test(error.message)) return '';
    throw error;
  });
  return sharedLibraries(listed);
}
