import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FunctionDefinition } from '../../../shared/runtime/defineFunction.ts';
import { resourceName } from '../../../shared/runtime/route.ts';
import { bundlePath } from '../../bundle/bundle.ts';
import { programs } from '../../bundle/programs.ts';
import { archiveLayout } from './archive.ts';
import { createLayout } from './layout.ts';
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

export interface ImagesOptions {
  /** Those to be made; their bundles are in `dist`. */
  images: readonly BundleImage[];
  /** What the images' full names begin with, such as `dev.local/evolution-todo`. */
  repository: string;
  /** The images' tag. */
  version: string;
  /** An empty folder for the layout and the archive. */
  folder: string;
}

export interface MadeImages {
  /** All images in one file, which holds Node once. */
  archive: string;
  /** Digests by the images' full names. */
  digests: ReadonlyMap<string, string>;
}

/** Makes images of this machine's Node and a bundle each. */
export async function makeImages({ images, repository, version, folder }: ImagesOptions): Promise<MadeImages> {
  const layoutFolder = join(folder, 'layout');
  await mkdir(layoutFolder);
  const layout = await createLayout(layoutFolder);
  const node = await layout.layer(await nodeEntries());
  const digests = new Map<string, string>();
  for (const image of images) {
    const name = `${repository}/${image.name}:${version}`;
    const app = await layout.layer(await bundleEntries(image.bundle));
    const config = { entrypoint: [NODE, '--enable-source-maps', '/app/index.js'], env: { NODE_ENV: 'production' } };
    const { digest } = await layout.image({ name, layers: [node, app], config });
    digests.set(name, digest);
  }
  await layout.finish();
  const archive = join(folder, 'images.tar');
  await archiveLayout(layoutFolder, archive);
  return { archive, digests };
}

async function bundleEntries(name: string): Promise<TarEntry[]> {
  const folder = dirname(bundlePath(name));
  const files = (await readdir(folder)).filter((file) => /\.js(\.map)?$/.test(file));
  return [
    { path: '/app/package.json', kind: 'text', mode: 0o644, text: '{"type":"module"}' },
    ...files.map((file): TarEntry => ({ path: `/app/${file}`, kind: 'file', mode: 0o644, source: join(folder, file) })),
  ];
}
