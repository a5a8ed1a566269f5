import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadFunctions } from '../../functions.ts';
import { manifestsProgram } from '../manifests/program.ts';
import { images as imagesRule } from '../rules/images.ts';
import { allContainers } from '../rules/objects.ts';
import { copyOverlay } from '../testOverlay.ts';
import { pinnedComponent } from './pinned.ts';
import { projectImages } from './projectImages.ts';
import { SCHEDULER_IMAGE } from './schedulerImage.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overlay-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('an overlay that names the component runs every image of the project by its digest', async () => {
  const definitions = await loadFunctions();
  const digest = `sha256:${'7'.repeat(64)}` as const;
  const names = [...projectImages(definitions).map(({ name }) => name), SCHEDULER_IMAGE];
  const made = names.map((name) => ({ name, image: { name }, digest, ownBytes: 1 }));
  await mkdir(join(folder, 'pinned'));
  await writeFile(join(folder, 'pinned/kustomization.yaml'), pinnedComponent(made));

  const settings = '  - ../../components/settings';
  await copyOverlay('redpanda-postgres', folder, (text) => text.replace(settings, `  - pinned\n${settings}`));

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
