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

/** An image of a program that needs nothing but what it brings. */
export interface ProgramImage {
  readonly name: string;
  readonly entries: readonly TarEntry[];
  readonly entrypoint: readonly string[];
}

/** The image of each function, and those of the programs beside them that run on Node. */
export function projectImages(functions: readonly FunctionDefinition[]): BundleImage[] {
  return [
    ...functions.map((definition) => ({ name: resourceName(definition), bundle: definition.name })),
    ...programs.map(({ name }) => ({ name, bundle: name })),
  ];
}

export interface LayoutOptions {
  /** Those to be made; their bundles are in `dist`. */
  images: readonly (BundleImage | ProgramImage)[];
  /** What the images' full names begin with, such as `dev.local/evolution-todo`. */
  repository: string;
  /** The images' tag. */
  version: string;
  /** What the sources are called where they are kept, such as a commit; left out, the images don't say. */
  revision?: string | undefined;
  /** What those of bundles begin with. */
  node: readonly TarEntry[];
  /** An empty folder that becomes the layout. */
  folder: string;
}

export interface MadeImage {
  /** The full name: repository, name and version. */
  readonly name: string;
  readonly image: Pick<BundleImage, 'name'>;
  readonly digest: Descriptor['digest'];
  /** Of the layer that is not shared. */
  readonly ownBytes: number;
}

export interface MadeLayout {
  readonly images: readonly MadeImage[];
  /** Of the layer that those of bundles share; 0 where there is none of a bundle. */
  readonly nodeBytes: number;
}

/** How a container runs a bundle; the Dockerfile says the same. */
export const ENTRYPOINT = [NODE, '/app/index.js'];

/** Makes an OCI layout of images: of Node and a bundle each, or of a program. */
export async function makeLayout(options: LayoutOptions): Promise<MadeLayout> {
  const { images, repository, version, revision, folder } = options;
  const layout = await createLayout(folder);
  const node = images.some(isOfBundle) ? await layout.layer(options.node) : undefined;
  const made: MadeImage[] = [];
  for (const image of images) {
    const name = `${repository}/${image.name}:${version}`;
    const own = await layout.layer(isOfBundle(image) ? await bundleEntries(image.bundle) : image.entries);
    const labels = {
      'org.opencontainers.image.title': image.name,
      'org.opencontainers.image.version': version,
      ...(revision && { 'org.opencontainers.image.revision': revision }),
    };
    const config = isOfBundle(image)
      ? { entrypoint: ENTRYPOINT, env: { NODE_ENV: 'production' }, labels }
      : { entrypoint: image.entrypoint, labels };
    const { digest } = await layout.image({ name, layers: node && isOfBundle(image) ? [node, own] : [own], config });
    made.push({ name, image, digest, ownBytes: own.size });
  }
  await layout.finish();
  return { images: made, nodeBytes: node?.size ?? 0 };
}

export interface ImagesOptions extends Omit<LayoutOptions, 'node' | 'folder'> {
  /** An empty folder for the layout and the archive. */
  folder: string;
  onProgress?: (step: string) => void;
}

export interface MadeImages {
  /** All images in one file, which holds what they share once. */
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

function isOfBundle(image: BundleImage | ProgramImage): image is BundleImage {
  return 'bundle' in image;
}

async function bundleEntries(name: string): Promise<TarEntry[]> {
  const files = await bundleFiles(name);
  return files.map((source) => ({ path: `/app/${basename(source)}`, kind: 'file', mode: 0o644, source }));
}
