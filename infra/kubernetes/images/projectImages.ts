import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { FunctionDefinition } from '../../../shared/runtime/defineFunction.ts';
import { resourceName } from '../../../shared/runtime/route.ts';
import { bundleFiles } from '../../bundle/bundle.ts';
import { programs } from '../../bundle/programs.ts';
import { archiveLayout } from './archive.ts';
import { createLayout, type Descriptor } from './layout.ts';
import { NODE, nodeEntries } from './node.ts';
import type { TarEntry } from './tar.ts';

/** An image that runs one bundle. */
export interface BundleImage {
  /** Its name in the manifests, between repository and version: `create-task`. */
  readonly name: string;
  /** The folder in `dist` with its bundle: `createTask`. */
  readonly bundle: string;
}

/** The image of each function, and those of the programs beside them. */
export function projectImages(functions: readonly FunctionDefinition[]): BundleImage[] {
  return [
    ...functions.map((definition) => ({ name: resourceName(definition), bundle: definition.name })),
    ...programs.map(({ name }) => ({ name, bundle: name })),
  ];
}

export interface LayoutOptions {
  /** Those to be made; their bundles are in `dist`. */
  images: readonly BundleImage[];
  /** What the images' full names begin with, such as `dev.local/evolution-todo`. */
  repository: string;
  /** The images' tag. */
  version: string;
  /** What the sources are called where they are kept, such as a commit; left out, the images don't say. */
  revision?: string | undefined;
  /** What they all begin with. */
  node: readonly TarEntry[];
  /** An empty folder that becomes the layout. */
  folder: string;
}

export interface MadeImage {
  /** The full name: repository, name and version. */
  readonly name: string;
  readonly image: BundleImage;
  readonly digest: Descriptor['digest'];
  /** Of the layer that is not shared. */
  readonly ownBytes: number;
}

export interface MadeLayout {
  readonly images: readonly MadeImage[];
  /** Of the layer that all of them share. */
  readonly nodeBytes: number;
}

/** How a container runs a bundle; the Dockerfile says the same. */
export const ENTRYPOINT = [NODE, '/app/index.js'];

/** Makes an OCI layout of images, each of Node and a bundle. */
export async function makeLayout(options: LayoutOptions): Promise<MadeLayout> {
  const { images, repository, version, revision, folder } = options;
  const layout = await createLayout(folder);
  const node = await layout.layer(options.node);
  const made: MadeImage[] = [];
  for (const image of images) {
    const name = `${repository}/${image.name}:${version}`;
    const app = await layout.layer(await bundleEntries(image.bundle));
    const labels = {
      'org.opencontainers.image.title': image.name,
      'org.opencontainers.image.version': version,
      ...(revision && { 'org.opencontainers.image.revision': revision }),
    };
    const config = { entrypoint: ENTRYPOINT, env: { NODE_ENV: 'production' }, labels };
    const { digest } = await layout.image({ name, layers: [node, app], config });
    made.push({ name, image, digest, ownBytes: app.size });
  }
  await layout.finish();
  return { images: made, nodeBytes: node.size };
}

export interface ImagesOptions extends Omit<LayoutOptions, 'node' | 'folder'> {
  /** An empty folder for the layout and the archive. */
  folder: string;
  onProgress?: (step: string) => void;
}

export interface MadeImages {
  /** All images in one file, which holds Node once. */
  archive: string;
  /** Digests by the images' full names. */
  digests: ReadonlyMap<string, string>;
}

/** Makes images in one archive, which a node without a registry can take. */
export async function makeImages({ folder, onProgress = () => {}, ...options }: ImagesOptions): Promise<MadeImages> {
  const layoutFolder = join(folder, 'layout');
  await mkdir(layoutFolder);
  const { images } = await makeLayout({ ...options, folder: layoutFolder, node: await nodeEntries(onProgress) });
  const archive = join(folder, 'images.tar');
  await archiveLayout(layoutFolder, archive);
  return { archive, digests: new Map(images.map(({ name, digest }) => [name, digest])) };
}

async function bundleEntries(name: string): Promise<TarEntry[]> {
  const files = await bundleFiles(name);
  return files.map((source) => ({ path: `/app/${basename(source)}`, kind: 'file', mode: 0o644, source }));
}
