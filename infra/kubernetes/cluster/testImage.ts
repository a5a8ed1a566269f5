import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { archiveLayout } from '../images/archive.ts';
import { createLayout } from '../images/layout.ts';
import { NODE, nodeEntries } from '../images/node.ts';
import { importImages } from './containerImages.ts';

/** Makes an image of Node and one script, and brings it to the node; for tests. */
export async function importScript(socket: string, name: string, script: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'image-'));
  try {
    const layoutFolder = join(folder, 'layout');
    await mkdir(layoutFolder);
    const layout = await createLayout(layoutFolder);
    const node = await layout.layer(await nodeEntries((step) => process.stderr.write(`… ${step}\n`)));
    const app = await layout.layer([{ path: '/app/main.mjs', kind: 'text', mode: 0o644, text: script }]);
    await layout.image({ name, layers: [node, app], config: { entrypoint: [NODE, '/app/main.mjs'] } });
    await layout.finish();
    await archiveLayout(layoutFolder, join(folder, 'image.tar'));
    await importImages(socket, join(folder, 'image.tar'));
  } finally {
    await rm(folder, { recursive: true });
  }
}
