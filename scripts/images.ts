import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleAll } from '../infra/bundle/bundleAll.ts';
import { loadFunctions } from '../infra/functions.ts';
import { archiveLayout } from '../infra/kubernetes/images/archive.ts';
import { nodeEntries } from '../infra/kubernetes/images/node.ts';
import { pinnedComponent } from '../infra/kubernetes/images/pinned.ts';
import { makeLayout, projectImages } from '../infra/kubernetes/images/projectImages.ts';
import { SCHEDULER_IMAGE, schedulerImage } from '../infra/kubernetes/images/schedulerImage.ts';
import project from '../package.json' with { type: 'json' };

const help = `Makes the container images of the functions, the router, the bridge and the scheduler, without a container engine: an
OCI image layout, which skopeo and others push to a registry. The same sources make the same digests.

usage: npm run images [-- OPTIONS] [-- NAME …]    all images, or those named, such as create-task

  --output FOLDER       the layout; one that is there is replaced. Left out: images
  --archive FILE        all of it in one file too, for "ctr images import" and the like
  --repository NAME     what the images' names begin with. Left out: evolution-todo
  --tag VERSION         their tag. Left out: ${project.version}
  --revision NAME       tells in each image which sources it is of, such as a commit
  --pin FILE            writes a Kustomize component by which an overlay runs exactly these images
  --without-scheduler   leaves the scheduler out, which is built by Go: for a system without one

infra/kubernetes/README.md, "Images", tells how they get into a registry.`;

const { values, positionals } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    output: { type: 'string', default: 'images' },
    archive: { type: 'string' },
    repository: { type: 'string', default: 'evolution-todo' },
    tag: { type: 'string', default: project.version },
    revision: { type: 'string' },
    pin: { type: 'string' },
    'without-scheduler': { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
if (values.help) {
  console.log(help);
  process.exit();
}

const started = performance.now();
const output = resolve(values.output);
const draft = `${output}.${process.pid}`;
const removeDraft = () => rm(draft, { recursive: true, force: true });
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void removeDraft().then(() => process.exit(128 + constants.signals[signal])));
}
try {
  const bundles = projectImages(await loadFunctions());
  const names = [...bundles.map(({ name }) => name), ...(values['without-scheduler'] ? [] : [SCHEDULER_IMAGE])];
  const unknown = positionals.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new Error(`There is no image ${unknown.join(', ')}. There are: ${names.join(', ')}.`);
  }
  const wanted = new Set(positionals.length > 0 ? positionals : names);
  await assertReplaceable(output);
  const onProgress = (step: string) => console.log(`… ${step}`);
  const scheduler = wanted.has(SCHEDULER_IMAGE) ? [await schedulerOrAdvice(onProgress)] : [];
  const ofBundles = bundles.filter(({ name }) => wanted.has(name));
  if (ofBundles.length > 0) {
    onProgress('bundling');
    await bundleAll();
  }
  const node = ofBundles.length > 0 ? await nodeEntries(onProgress) : [];
  onProgress('making the images');
  await mkdir(draft, { recursive: true });
  const made = await makeLayout({
    images: [...ofBundles, ...scheduler],
    repository: values.repository,
    version: values.tag,
    revision: values.revision,
    node,
    folder: draft,
  });
  await rm(output, { recursive: true, force: true });
  await rename(draft, output);
  if (values.archive) await archiveLayout(output, await pathFor(values.archive));
  if (values.pin) await writeFile(await pathFor(values.pin), pinnedComponent(made.images));
  const width = Math.max(...made.images.map(({ name }) => name.length));
  console.log(`\n${'image'.padEnd(width)}  own layer  digest`);
  for (const { name, ownBytes, digest } of made.images) {
    console.log(`${name.padEnd(width)}  ${kB(ownBytes).padStart(9)}  ${digest}`);
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const shared = made.nodeBytes > 0 ? `; of Node, which those of bundles share, ${kB(made.nodeBytes)}` : '';
  console.log(`\n${made.images.length} images in ${values.output} after ${seconds} s${shared}.`);
} catch (error) {
  await removeDraft();
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** Rejects, where it can't be built, with what else can be done. */
function schedulerOrAdvice(onProgress: (step: string) => void) {
  return schedulerImage(onProgress).catch((cause: Error) => {
    throw new Error(`${cause.message}\nA system without a scheduler does without it: --without-scheduler`, { cause });
  });
}

/** Rejects where a folder holds anything else than a layout. */
async function assertReplaceable(folder: string): Promise<void> {
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  if (files.length > 0 && !files.includes('oci-layout')) {
    throw new Error(`${folder} holds something else than images: name another --output, or empty it`);
  }
}

/** Where a file is to be written, in a folder that is there. */
async function pathFor(file: string): Promise<string> {
  await mkdir(dirname(resolve(file)), { recursive: true });
  return resolve(file);
}

function kB(bytes: number): string {
  return `${Math.round(bytes / 1000)} kB`;
}
