import { copyFile, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadFunctions } from '../../functions.ts';
import { manifestsProgram } from '../manifests/program.ts';
import { overlays } from '../overlays.ts';
import { images as imagesRule } from '../rules/images.ts';
import { allContainers } from '../rules/objects.ts';
import { pinnedComponent } from './pinned.ts';
import { projectImages } from './projectImages.ts';

let folder: string;
beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'overlay-')));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('an overlay that names the component runs every image of the project by its digest', async () => {
  const definitions = await loadFunctions();
  const digest = `sha256:${'7'.repeat(64)}` as const;
  const made = projectImages(definitions).map((image) => ({ name: image.name, image, digest, ownBytes: 1 }));
  await mkdir(join(folder, 'pinned'));
  await writeFile(join(folder, 'pinned/kustomization.yaml'), pinnedComponent(made));

  const original = (await overlays()).find(({ name }) => name === 'redpanda-postgres')?.path ?? '';
  for (const file of ['evolution-todo.env', 'platform.env']) await copyFile(join(original, file), join(folder, file));
  const text = await readFile(join(original, 'kustomization.yaml'), 'utf8');
  const kubernetes = relative(folder, join(await realpath(original), '../..'));
  const settings = '  - ../../components/settings';
  expect(text).toContain(settings);
  const pinned = text.replace(settings, `  - pinned\n${settings}`).replaceAll('../../', `${kubernetes}/`);
  await writeFile(join(folder, 'kustomization.yaml'), pinned);

  const program = await manifestsProgram((step) => process.stderr.write(`… ${step}\n`));
  const system = { objects: await program.render(folder), definitions, hasTopics: true };
  const own = allContainers(system).filter(({ container }) => container.name !== 'daprd');
  expect(own.length).toBe(made.length);
  for (const { container } of own) {
    expect(container.image).toMatch(new RegExp(`^[^/]+\\.[^/]+/.*evolution-todo/[a-z-]+@${digest}$`));
  }
  expect(imagesRule.check(system)).toEqual([]);
  expect(await program.check(system.objects)).toEqual([]);
});
