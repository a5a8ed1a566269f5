import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Metafile } from 'esbuild';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { serveJob } from '../../shared/runtime/job.ts';
import { freePort } from '../local/listen.ts';
import { createTaskEnvironment as environment } from '../testing/createTaskEnvironment.ts';
import { adapterFor, bundleFunction, bundlePath, bundleProgram } from './bundle.ts';
import { requireBundles, SOURCES } from './bundleAll.ts';
import { programs } from './programs.ts';
import { type BundleSize, bundleSize } from './size.ts';

/** Runs the bundle of createTask; `finished` resolves to its exit code and what it wrote. */
function run(env: Record<string, string>) {
  const child = spawn(process.execPath, [bundlePath('createTask')], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  return { child, finished: once(child, 'close').then(([code]) => ({ code, output })) };
}

describe('a bundle as a process', () => {
  test('without its environment exits with 1 and names every variable that is missing', async () => {
    const { code, output } = await run({ PORT: '0' }).finished;
    expect(code).toBe(1);
    for (const name of Object.keys(environment)) expect(output).toContain(`${name} is not set`);
  });

  test('on a port that is in use exits with 1 and says so', async () => {
    const port = String(await freePort());
    const first = run({ ...environment, PORT: port });
    await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200), 10_000);
    const { code, output } = await run({ ...environment, PORT: port }).finished;
    expect([code, output]).toEqual([1, expect.stringContaining('EADDRINUSE')]);
    first.child.kill('SIGTERM');
    expect(await first.finished).toEqual({ code: 0, output: '' });
  });
});

test('a function woken by a job has the adapter of jobs, and no other', () => {
  const definition = defineFunction({
    name: 'onTimeUp',
    summary: 'Does nothing.',
    trigger: { job: 'time-up' },
    handler: async () => ({}),
  });
  expect(adapterFor(definition)).toEqual({ file: 'job.ts', serve: serveJob.name });
});

describe('the size of bundles', () => {
  let metafile: Metafile;
  let size: BundleSize;
  beforeAll(async () => {
    metafile = await bundleFunction('createTask');
    size = bundleSize(metafile);
  });
  const weightOf = (name: string) => size.largest.find((part) => part.name === name)?.bytes;

  test('is bounded', () => {
    expect(size.startup).toBeLessThan(250_000);
  });

  test('has of Neon’s driver what speaks HTTP only', () => {
    expect(weightOf('@neondatabase/serverless')).toBeLessThan(55_000);
  });

  test('has of the Dapr SDK its HTTP client only, behind the first event', () => {
    expect(weightOf('@dapr/dapr')).toBeUndefined();
    const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
    const ofSdk = inputs.filter(([path]) => path.includes('/@dapr/dapr/'));
    const bytes = ofSdk.reduce((sum, [, { bytesInOutput }]) => sum + bytesInOutput, 0);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(40_000);
    expect(inputs.filter(([path]) => /grpc|protobufjs|express|node-fetch/.test(path) && !/otlp/.test(path))).toEqual(
      [],
    );
  });

  test('of a function that no request of a person wakes has nothing of tokens', async () => {
    const { largest } = bundleSize(await bundleFunction('onTaskCreated'));
    expect(largest.map(({ name }) => name)).not.toContain('jose');
  });
});

describe('the bundle of a program', () => {
  test.each(programs)('$name is one file, of sources whose changes make it anew', async (program) => {
    const { inputs, outputs } = await bundleProgram(program);
    expect(Object.keys(outputs).filter((path) => path.endsWith('.js'))).toEqual([`dist/${program.name}/index.js`]);
    const sources = Object.keys(inputs).filter((path) => !path.includes('node_modules/') && /\.ts$/.test(path));
    expect(sources).toContain(program.module);
    const stamped = (path: string) => SOURCES.some((folder) => path.startsWith(`${folder}/`));
    expect(sources.filter((path) => path !== `${program.name}.entry.ts` && !stamped(path))).toEqual([]);
  });
});

test('a bundle that is missing is named, with what to do', async () => {
  await expect(requireBundles(['createTask'])).resolves.toBeUndefined();
  await expect(requireBundles(['createTask', 'noSuchFunction'])).rejects.toThrow(/noSuchFunction.*npm run build/);
});
