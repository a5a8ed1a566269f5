import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import createTask from '../../../functions/createTask/createTask.ts';
import { loadFunctions } from '../../functions.ts';
import { makeImages, projectImages } from './projectImages.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'images-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The images of the project that manifests name, and only those. */
async function namedImages(): Promise<string[]> {
  const files = ['infra/kubernetes/base/daprd.yaml', 'infra/kubernetes/components/postgres/bridge.yaml'];
  const services = (await readdir('knative')).filter((file) => file !== 'kustomization.yaml');
  const texts = await Promise.all(
    [...files, ...services.map((file) => `knative/${file}`)].map((f) => readFile(f, 'utf8')),
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
  const made = projectImages(await loadFunctions()).map(({ name }) => `evolution-todo/${name}:0.1.0`);
  expect(made.sort()).toEqual(await namedImages());
});

it('makes images of bundles, named by repository and version, in one archive', async () => {
  const images = projectImages([createTask]);
  const { archive, digests } = await makeImages({ images, repository: 'dev.local/todo', version: '1.2.3', folder });
  expect([...digests.keys()]).toEqual(
    ['create-task', 'router', 'bridge'].map((name) => `dev.local/todo/${name}:1.2.3`),
  );
  expect(new Set(digests.values()).size).toBe(3);
  expect(await readdir(folder)).toContain(archive.slice(folder.length + 1));
});
