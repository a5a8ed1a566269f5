import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../real/temporaryFolder.ts';
import { createTaskEnvironment as env } from '../testing/createTaskEnvironment.ts';
import { coldStart } from './coldProcess.ts';
import { bundleWhole } from './wholeBundle.ts';

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder('whole-bundle-');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a function with whole packages starts, and has all of the SDK in it', async () => {
  const path = join(folder, 'createTask.cjs');
  expect(await bundleWhole('createTask', path)).toBeGreaterThan(2_000_000);
  const request = { method: 'GET', path: '/healthz' };
  await coldStart({ node: process.execPath, args: [path], env, request, status: 200 });
});
