import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, vi } from 'vitest';
import { buildGoModule, readGoMod } from './goModule.ts';

afterEach(() => vi.unstubAllEnvs());

it('reads from go.mod what to build, at which version, with which Go', async () => {
  const text = await readFile(new URL('knative/go.mod', import.meta.url), 'utf8');
  const { packages, version, go } = readGoMod(text, 'knative.dev/serving');
  expect(packages).toEqual(
    expect.arrayContaining(['knative.dev/serving/cmd/activator', 'knative.dev/serving/cmd/queue']),
  );
  expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(go).toMatch(/^1\.\d+/);
  const etcd = await readFile(new URL('etcd/go.mod', import.meta.url), 'utf8');
  expect(readGoMod(etcd, 'go.etcd.io/etcd/server/v3').packages).toEqual(['go.etcd.io/etcd/server/v3']);
});

it('refuses a go.mod that does not name what is to be built', () => {
  expect(() => readGoMod('module x\n\ngo 1.26.0\n', 'knative.dev/serving')).toThrow(
    'go.mod names no version of knative.dev/serving, or no tool',
  );
});

it('names Go, and what to install, where there is none', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'empty-'));
  vi.stubEnv('PATH', empty);
  vi.stubEnv('XDG_CACHE_HOME', empty);
  const building = buildGoModule({ name: 'pause', title: 'the pause container', minutes: 1 }, () => {});
  await expect(building).rejects.toThrow(/^go is missing: install Go 1\.\d+\.\d+ or later/);
  await rm(empty, { recursive: true });
});
