import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { buildDaprd } from '../daprd/build.ts';
import { kafkaClassPath } from '../kafka/jars.ts';
import { buildScheduler } from '../scheduler/build.ts';
import { versions } from './daprProgram.ts';

/** The only folder in the PATH, and the cache. */
let empty: string;
beforeEach(async () => {
  empty = await mkdtemp(join(tmpdir(), 'empty-'));
  vi.stubEnv('PATH', empty);
  vi.stubEnv('XDG_CACHE_HOME', empty);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(empty, { recursive: true, force: true });
});

it.each([
  ['daprd', buildDaprd],
  ['scheduler', buildScheduler],
])('names Go, and what to install, where there is none to build %s', async (name, build) => {
  const missing = new RegExp(`^go is missing: install Go 1\\.\\d+(\\.\\d+)? or later .* builds ${name}$`);
  await expect(build(() => {})).rejects.toThrow(missing);
});

it('says that Go is too old, in its own words, and what to install', async () => {
  const words = 'go: go.mod requires go >= 1.26.4 (running go 1.22.1; GOTOOLCHAIN=local)';
  await writeFile(join(empty, 'go'), `#!/bin/sh\necho '${words}' >&2\nexit 1\n`, { mode: 0o755 });
  const building = buildDaprd(() => {});
  await expect(building).rejects.toThrow(
    /^this Go is too old: install Go 1\.\d+\.\d+ or later[\s\S]*running go 1\.22\.1/,
  );
});

it('names Java, and what to install, where there is none', async () => {
  await expect(kafkaClassPath(() => {})).rejects.toThrow(/^java is missing: install Java 17 or later/);
});

it('reads the versions of go.mod, in either form of a requirement', () => {
  const alone = 'module x\n\ngo 1.26.4\n\nrequire github.com/dapr/dapr v1.18.1\n';
  const listed =
    'module x\ngo 1.26.4\nrequire (\n\tgithub.com/dapr/components-contrib v1.2.3\n\tgithub.com/dapr/dapr v1.18.1 // indirect\n)\n';
  expect(versions(alone)).toEqual({ dapr: '1.18.1', go: '1.26.4' });
  expect(versions(listed)).toEqual({ dapr: '1.18.1', go: '1.26.4' });
  expect(() => versions('module x\n')).toThrow('go.mod names no version');
});
