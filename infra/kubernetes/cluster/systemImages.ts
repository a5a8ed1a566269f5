import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cachedFolder } from '../../real/cache/cache.ts';
import { withElapsed } from '../../real/cache/elapsed.ts';
import { archiveLayout } from '../images/archive.ts';
import { createLayout, type Layout } from '../images/layout.ts';
import type { BuiltModule } from './programs/goModule.ts';
import type { Programs } from './programs/programs.ts';

/** The images that the cluster itself is made of, each of one program, in one archive. */
export interface SystemImages {
  readonly archive: string;
  /** The name of the image with a program, such as "activator". */
  nameOf(program: string): string;
}

/** Part of the name in the cache: to be raised when images are made in another way. */
const FORMAT = 1;

/** Makes the images, once on this machine for each state of the programs. */
export async function systemImages(programs: Programs, onProgress: (step: string) => void): Promise<SystemImages> {
  const contents = contentsOf(programs);
  const names = [...contents.values()].map(({ module }) => basename(module.folder)).join('\n');
  const folder = await cachedFolder({
    name: `cluster/images-${createHash('sha256').update(`${FORMAT}\n${names}`).digest('hex').slice(0, 12)}`,
    onWait: (seconds) => onProgress(`waiting for another process that makes the images: ${seconds} s`),
    fill: (draft) => withElapsed(onProgress, 'making the images of the cluster (once)', () => make(draft, contents)),
  });
  return {
    archive: join(folder, 'images.tar'),
    nameOf(program) {
      const content = contents.get(program);
      if (!content) throw new Error(`there is no image of ${program}`);
      return imageName(program, content.module);
    },
  };
}

interface Content {
  readonly module: BuiltModule;
  /** Where the program is in the image. */
  readonly path: string;
}

function contentsOf({ knative, traefik, coredns, pause }: Programs): Map<string, Content> {
  return new Map([
    ['pause', { module: pause, path: '/pause' }],
    ['coredns', { module: coredns, path: '/coredns' }],
    ['traefik', { module: traefik, path: '/traefik' }],
    // Where ko puts programs, which Knative's own images are made with.
    ...['activator', 'autoscaler', 'controller', 'queue', 'webhook'].map((name): [string, Content] => [
      name,
      { module: knative, path: `/ko-app/${name}` },
    ]),
  ]);
}

async function make(draft: string, contents: ReadonlyMap<string, Content>): Promise<void> {
  const folder = join(draft, 'layout');
  await mkdir(folder);
  const layout = await createLayout(folder);
  for (const [program, content] of contents) await addImage(layout, program, content);
  await layout.finish();
  await archiveLayout(folder, join(draft, 'images.tar'));
  await rm(folder, { recursive: true });
}

async function addImage(layout: Layout, program: string, { module, path }: Content): Promise<void> {
  const layer = await layout.layer([
    { path, kind: 'file', mode: 0o755, source: join(module.folder, program) },
    { path: '/tmp', kind: 'folder', mode: 0o1777 },
  ]);
  await layout.image({ name: imageName(program, module), layers: [layer], config: { entrypoint: [path] } });
}

/** Knative looks no image up in a registry whose name begins with `dev.local/`. */
function imageName(program: string, { version }: BuiltModule): string {
  return `dev.local/${program}:${version}`;
}
