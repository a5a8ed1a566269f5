import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { archiveLayout } from '../images/archive.ts';
import { createLayout } from '../images/layout.ts';
import type { TarEntry } from '../images/tar.ts';
import { importImages } from './containerImages.ts';

export interface ImageParts {
  /** With its tag, as manifests name it. */
  name: string;
  /** What is in its layers, the lowest first. */
  layers: readonly (readonly TarEntry[])[];
  entrypoint: string[];
}

/** Makes one image and brings it to the node, whose containerd listens at `socket`. */
export async function importImage(socket: string, { name, layers, entrypoint }: ImageParts): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'image-'));
  try {
    const layoutFolder = join(folder, 'layout');
    await mkdir(layoutFolder);
    const layout = await createLayout(layoutFolder);
    const described = [];
    for (const entries of layers) described.push(await layout.layer(entries));
    await layout.image({ name, layers: described, config: { entrypoint } });
    await layout.finish();
    await archiveLayout(layoutFolder, join(folder, 'image.tar'));
    await importImages(socket, join(folder, 'image.tar'));
  } finally {
    await rm(folder, { recursive: true });
  }
}
