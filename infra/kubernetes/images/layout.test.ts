import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCommand } from '../../real/process/command.ts';
import { archiveLayout } from './archive.ts';
import { createLayout, type Descriptor } from './layout.ts';
import type { TarEntry } from './tar.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'layout-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const entry = (path: string): TarEntry => ({ path, kind: 'text', mode: 0o755, text: `content of ${path}` });

async function makeTwoImages(name: string): Promise<{ path: string; images: Descriptor[]; shared: Descriptor }> {
  const path = join(folder, name);
  await mkdir(path);
  const layout = await createLayout(path);
  const shared = await layout.layer([entry('/bin/node')]);
  const images = [];
  for (const program of ['one', 'two']) {
    const layers = [shared, await layout.layer([entry(`/app/${program}`)])];
    const labels = { 'org.opencontainers.image.title': program };
    const config = { entrypoint: [`/app/${program}`], env: { MODE: program }, labels };
    images.push(await layout.image({ name: `dev.local/${program}:1.0`, layers, config }));
  }
  await layout.finish();
  return { path, images, shared };
}

const readJson = async (path: string) => JSON.parse(await readFile(path, 'utf8'));
const blob = (path: string, { digest }: Descriptor) => join(path, 'blobs', digest.replace(':', '/'));

it('names every blob by its digest, and stores a layer that images share once', async () => {
  const { path } = await makeTwoImages('a');
  const names = await readdir(join(path, 'blobs/sha256'));
  for (const name of names) {
    const content = await readFile(join(path, 'blobs/sha256', name));
    expect(createHash('sha256').update(content).digest('hex')).toBe(name);
  }
  expect(names).toHaveLength(3 + 2 + 2);
  expect((await readdir(path)).sort()).toEqual(['blobs', 'index.json', 'oci-layout']);
});

it('makes the same digests of the same input', async () => {
  const [first, second] = [await makeTwoImages('a'), await makeTwoImages('b')];
  expect(second.images).toEqual(first.images);
  const archives = await Promise.all(
    [first, second].map(async ({ path }) => {
      await archiveLayout(path, `${path}.tar`);
      return readFile(`${path}.tar`);
    }),
  );
  expect(archives[0]?.equals(archives[1] as Buffer)).toBe(true);
});

it('leads from the index by name to manifest, config and layers, with a user that is not root', async () => {
  const { path, images, shared } = await makeTwoImages('a');
  const { manifests } = await readJson(join(path, 'index.json'));
  expect(manifests[1]).toEqual({
    ...images[1],
    annotations: {
      'io.containerd.image.name': 'dev.local/two:1.0',
      'org.opencontainers.image.ref.name': 'dev.local/two:1.0',
    },
  });
  const manifest = await readJson(blob(path, manifests[1]));
  expect(manifest.layers[0]).toEqual(shared);
  const { config, rootfs, os } = await readJson(blob(path, manifest.config));
  expect(os).toBe('linux');
  expect(rootfs.diff_ids).toEqual(manifest.layers.map(({ digest }: Descriptor) => digest));
  expect(config).toMatchObject({ User: '65532:65532', Entrypoint: ['/app/two'] });
  expect(config.Env).toContain('MODE=two');
  expect([manifest.annotations, config.Labels]).toEqual(Array(2).fill({ 'org.opencontainers.image.title': 'two' }));
});

it('packs a layout into an archive with its index at the root', async () => {
  const { path } = await makeTwoImages('a');
  await archiveLayout(path, `${path}.tar`);
  const names = await runCommand('tar', ['-tf', `${path}.tar`], { install: 'install tar' });
  expect(names.split('\n')).toEqual(expect.arrayContaining(['blobs/sha256/', 'index.json', 'oci-layout']));
});
