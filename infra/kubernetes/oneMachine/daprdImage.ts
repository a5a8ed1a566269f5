import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { runCommand } from '../../real/process/command.ts';
import { importImages } from '../cluster/containerImages.ts';
import { archiveLayout } from '../images/archive.ts';
import { createLayout } from '../images/layout.ts';
import { sharedLibraries } from '../images/node.ts';

/** Makes an image of a daprd that `buildDaprd` made, named as the overlay names it, and brings it to the node. */
export async function importDaprd(socket: string, program: string): Promise<void> {
  // The folder is named by the version, and by what it was built from.
  const version = basename(dirname(program)).split('-')[0];
  const folder = await mkdtemp(join(tmpdir(), 'daprd-'));
  try {
    await mkdir(join(folder, 'layout'));
    const layout = await createLayout(join(folder, 'layout'));
    const layer = await layout.layer([
      { path: '/daprd', kind: 'file', mode: 0o755, source: program },
      ...(await librariesOf(program)).map((path) => ({ path, kind: 'file' as const, mode: 0o755, source: path })),
      { path: '/tmp', kind: 'folder', mode: 0o1777 },
    ]);
    const name = `dev.local/daprd:${version}`;
    await layout.image({ name, layers: [layer], config: { entrypoint: ['/daprd'] } });
    await layout.finish();
    await archiveLayout(join(folder, 'layout'), join(folder, 'image.tar'));
    await importImages(socket, join(folder, 'image.tar'));
  } finally {
    await rm(folder, { recursive: true });
  }
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
