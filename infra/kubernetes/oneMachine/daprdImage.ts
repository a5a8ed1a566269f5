import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { importImages } from '../cluster/containerImages.ts';
import { archiveLayout } from '../images/archive.ts';
import { createLayout } from '../images/layout.ts';
import { libraryEntries } from '../images/libraries.ts';

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
      ...(await libraryEntries(program)),
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
