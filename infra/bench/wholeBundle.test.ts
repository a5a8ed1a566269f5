import { mkdir, rm, writeFile } from 'node:fs/promises';
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

test('a function with whole packages starts, has all of the SDK in it, and serves by the server that it is given', async () => {
  const server = join(folder, 'server');
  await mkdir(server);
  await writeFile(
    join(server, 'index.js'),
    `import { createServer } from 'node:http';
     export const createAdaptorServer = ({ fetch }) => createServer((_, to) => to.writeHead(fetch ? 299 : 500).end());`,
  );
  const path = join(folder, 'createTask.cjs');
  expect(await bundleWhole('createTask', path, server)).toBeGreaterThan(2_000_000);
  const request = { method: 'GET', path: '/healthz' };
  await coldStart({ node: process.execPath, args: [path], env, request, status: 299 });
});
