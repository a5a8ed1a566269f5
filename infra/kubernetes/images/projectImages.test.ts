import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import createTask from '../../../functions/createTask/createTask.ts';
import { loadFunctions } from '../../functions.ts';
import { runCommand } from '../../real/process/command.ts';
import { NODE } from './node.ts';
import { makeLayout, projectImages } from './projectImages.ts';
import { SCHEDULER_IMAGE } from './schedulerImage.ts';
import type { TarEntry } from './tar.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'images-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const read = async (digest: string) =>
  JSON.parse(await readFile(join(folder, 'blobs', digest.replace(':', '/')), 'utf8'));

/** The images of the project that manifests name, and only those. */
async function namedImages(): Promise<string[]> {
  const folder = 'infra/kubernetes';
  const files = ['base/daprd.yaml', 'components/postgres/bridge.yaml', 'components/scheduler/scheduler.yaml'];
  const services = (await readdir('knative')).filter((file) => file !== 'kustomization.yaml');
  const texts = await Promise.all(
    [...files.map((file) => `${folder}/${file}`), ...services.map((file) => `knative/${file}`)].map((f) =>
      readFile(f, 'utf8'),
    ),
  );
  const images = texts.flatMap(imagesIn).filter((image) => image.startsWith('evolution-todo/'));
  return images.sort();
}

function imagesIn(text: string): string[] {
  const images: string[] = [];
  for (const document of parseAllDocuments(text)) {
    JSON.stringify(document, (key, value) => {
      if (key === 'image') images.push(value);
      return value;
    });
  }
  return images;
}

it('has every image that the manifests name, and no other', async () => {
  const names = [...projectImages(await loadFunctions()).map(({ name }) => name), SCHEDULER_IMAGE];
  const made = names.map((name) => `evolution-todo/${name}:0.1.0`);
  expect(made.sort()).toEqual(await namedImages());
});

const node: TarEntry[] = [{ path: NODE, kind: 'text', mode: 0o755, text: 'node' }];
const options = { images: projectImages([createTask]), repository: 'dev.local/todo', version: '1.2.3', node };

it('makes images of bundles on one layer of Node, named by repository and version, the same each time', async () => {
  const made = [];
  for (const name of ['a', 'b']) {
    await mkdir(join(folder, name));
    made.push(await makeLayout({ ...options, folder: join(folder, name) }));
  }
  const [first, second] = made;
  const names = ['create-task', 'router', 'bridge'].map((name) => `dev.local/todo/${name}:1.2.3`);
  expect(first?.images.map(({ name }) => name)).toEqual(names);
  expect(second).toEqual(first);
  // Of each a layer, a configuration and a manifest; and Node once.
  expect(await readdir(join(folder, 'a/blobs/sha256'))).toHaveLength(3 * names.length + 1);
});

it('makes an image of a program of what the program brings, and without Node', async () => {
  const entries: TarEntry[] = [{ path: '/bin/program', kind: 'text', mode: 0o755, text: 'program' }];
  const image = { name: 'program', entries, entrypoint: ['/bin/program'] };
  const { images } = await makeLayout({ ...options, images: [image], folder });
  expect(images.map(({ name }) => name)).toEqual(['dev.local/todo/program:1.2.3']);
  const { config, layers } = await read(images[0]?.digest ?? '');
  expect(layers).toEqual([expect.objectContaining({ size: images[0]?.ownBytes })]);
  expect((await read(config.digest)).config).toMatchObject({ User: '65532:65532', Entrypoint: ['/bin/program'] });
});

it('says in an image what it is: how it starts, as whom, of which version and sources', async () => {
  const { images } = await makeLayout({ ...options, revision: 'c0ffee', folder });
  const manifest = await read(images[0]?.digest ?? '');
  const labels = {
    'org.opencontainers.image.title': 'create-task',
    'org.opencontainers.image.version': '1.2.3',
    'org.opencontainers.image.revision': 'c0ffee',
  };
  expect(manifest.annotations).toEqual(labels);
  const { config } = await read(manifest.config.digest);
  expect(config).toMatchObject({
    User: '65532:65532',
    Entrypoint: ['/usr/local/bin/node', '/app/index.js'],
    Labels: labels,
  });
  expect(config.Env).toContain('NODE_ENV=production');
  const own = join(folder, 'blobs', manifest.layers.at(-1).digest.replace(':', '/'));
  const files = (await runCommand('tar', ['-tf', own], { install: 'install tar' })).split('\n');
  expect(files).toEqual(
    expect.arrayContaining(['app/index.js', 'app/index.js.map', 'app/licenses.txt', 'app/package.json']),
  );
});
