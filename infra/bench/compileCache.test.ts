import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { bundlePath } from '../bundle/bundle.ts';
import { createTaskEnvironment as env } from '../testing/createTaskEnvironment.ts';
import { fillCompileCache } from './compileCache.ts';

/** Whether the Node that runs the tests can keep compiled code, as that of the images can. */
const keeps = 'enableCompileCache' in (await import('node:module'));

const args = [bundlePath('createTask')];
const request = { method: 'GET', path: '/healthz' };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'compile-cache-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const fill = (changes: object = {}) =>
  fillCompileCache({ node: process.execPath, args, env, request, status: 200, ...changes }, join(folder, 'cache'));

test('a function starts from compiled code that was kept, or this Node is said to keep none', async () => {
  if (!keeps) return expect(fill()).rejects.toThrow('Node 22.1 or later');
  await fill();
  const variables = { ...env, NODE_COMPILE_CACHE: join(folder, 'cache'), NODE_DEBUG_NATIVE: 'COMPILE_CACHE' };
  // Without a port to listen on it ends by itself once everything is loaded.
  const child = spawn(process.execPath, args, { env: { ...variables, PORT: '-1' } });
  let output = '';
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  await once(child, 'close');
  expect(output).toMatch(/index\.js.*was accepted/);
});

test('a function that does not start is told of', async () => {
  await expect(fill({ env: {} })).rejects.toThrow('exited with 1 before it listened');
});
