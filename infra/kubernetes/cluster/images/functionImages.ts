import { mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FunctionDefinition } from '../../../../shared/runtime/defineFunction.ts';
import { resourceName } from '../../../../shared/runtime/route.ts';
import { bundlePath } from '../../../bundle/bundle.ts';
import { archiveLayout } from './archive.ts';
import { createLayout } from './layout.ts';
import { NODE, nodeEntries } from './node.ts';
import type { TarEntry } from './tar.ts';

export interface FunctionImagesOptions {
  /** Functions whose bundles are in `dist`. */
  functions: readonly FunctionDefinition[];
  /** What the images' names begin with, such as `dev.local/evolution-todo`. */
  repository: string;
  /** The images' tag. */
  version: string;
  /** An empty folder for the layout and the archive. */
  folder: string;
}

export interface FunctionImages {
  /** All images in one file, which holds Node once. */
  archive: string;
  /** Digests by the images' names. */
  digests: ReadonlyMap<string, string>;
}

/** Makes an image for each function: this machine's Node, and the bundle. */
export async function makeFunctionImages(options: FunctionImagesOptions): Promise<FunctionImages> {
  const { functions, repository, version, folder } = options;
  const layoutFolder = join(folder, 'layout');
  await mkdir(layoutFolder);
  const layout = await createLayout(layoutFolder);
  const node = await layout.layer(await nodeEntries());
  const digests = new Map<string, string>();
  for (const definition of functions) {
    const name = `${repository}/${resourceName(definition)}:${version}`;
    const app = await layout.layer(await bundleEntries(definition.name));
    const config = { entrypoint: [NODE, '--enable-source-maps', '/app/index.js'], env: { NODE_ENV: 'production' } };
    const { digest } = await layout.image({ name, layers: [node, app], config });
    digests.set(name, digest);
  }
  await layout.finish();
  const archive = join(folder, 'functions.tar');
  await archiveLayout(layoutFolder, archive);
  return { archive, digests };
}

async function bundleEntries(name: string): Promise<TarEntry[]> {
  const folder = dirname(bundlePath(name));
  const files = (await readdir(folder)).filter((file) => /\.js(on|\.map)?$/.test(file));
  return files.map((file) => ({ path: `/app/${file}`, kind: 'file', mode: 0o644, source: join(folder, file) }));
}
