import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { runCommand } from '../../real/process/command.ts';
import type { BuiltModule } from './programs/goModule.ts';
import type { Programs } from './programs/programs.ts';
import { systemImages } from './systemImages.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'images-'));
  vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function built(name: string, version: string, ...programs: string[]): Promise<BuiltModule> {
  const path = join(folder, `${name}-${version}`);
  await mkdir(path, { recursive: true });
  for (const program of programs) await writeFile(join(path, program), `${program} ${version}`);
  return { folder: path, version };
}

async function programs(knative: string): Promise<Programs> {
  const none = await built('none', '1');
  return {
    kubernetes: none,
    etcd: none,
    cni: none,
    knative: await built('knative', knative, 'activator', 'autoscaler', 'controller', 'queue', 'webhook'),
    traefik: await built('traefik', '3.6.0', 'traefik'),
    coredns: await built('coredns', '1.12.4', 'coredns'),
    pause: await built('pause', '1', 'pause'),
  };
}

it('makes an image of each program, named by its version, in one archive', async () => {
  const { archive, nameOf } = await systemImages(await programs('0.50.0'), () => {});
  expect(nameOf('activator')).toBe('dev.local/activator:0.50.0');
  expect(nameOf('coredns')).toBe('dev.local/coredns:1.12.4');
  expect(() => nameOf('kubelet')).toThrow('there is no image of kubelet');
  const index = JSON.parse(await runCommand('tar', ['-xOf', archive, 'index.json'], { install: 'install tar' }));
  const names = index.manifests.map(
    (manifest: { annotations: Record<string, string> }) => manifest.annotations['io.containerd.image.name'],
  );
  expect(names).toHaveLength(8);
  expect(names).toContain(nameOf('pause'));
});

it('makes them once, and anew for other programs', async () => {
  const steps: string[] = [];
  const make = async (version: string) => systemImages(await programs(version), (step) => steps.push(step));
  const { archive } = await make('0.50.0');
  expect((await make('0.50.0')).archive).toBe(archive);
  expect(steps).toHaveLength(1);
  expect((await make('0.51.0')).archive).not.toBe(archive);
});
