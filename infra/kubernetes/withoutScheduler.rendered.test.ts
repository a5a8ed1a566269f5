import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadFunctions } from '../functions.ts';
import { manifestsProgram } from './manifests/program.ts';
import { brokenRules } from './rules/rules.ts';
import { copyOverlay } from './testOverlay.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'overlay-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('an overlay that names the other component has nothing of a scheduler, and breaks no rule', async () => {
  await copyOverlay('kafka-strimzi-neon', folder, (text) =>
    text.replace('../../components/scheduler', '../../components/without-scheduler'),
  );
  const program = await manifestsProgram((step) => process.stderr.write(`… ${step}\n`));
  const system = { objects: await program.render(folder), definitions: await loadFunctions(), hasTopics: true };
  expect(system.objects.filter(({ metadata }) => /(^|-)scheduler$/.test(metadata.name))).toEqual([]);
  expect(JSON.stringify(system.objects)).not.toContain('scheduler-host-address');
  expect(brokenRules(system)).toEqual({});
  expect(await program.check(system.objects)).toEqual([]);
});
