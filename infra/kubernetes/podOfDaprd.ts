import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import type { OrphanReaper } from '../local/gateway/orphanReaper.ts';
import { freePort } from '../local/listen.ts';
import { createPart, type Part } from '../real/process/part.ts';
import { startProcess } from '../real/process/process.ts';
import { type Deployment, daprd, flagsOf } from './rules/objects.ts';

/** Lays files out as the kubelet does for a ConfigMap: links to links into a folder that it can swap for another one. */
export async function mountConfigMap(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  const version = '..2026_11_28_05_00_00.123456789';
  await mkdir(join(folder, version), { recursive: true });
  await symlink(version, join(folder, '..data'));
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, version, name), text);
    await symlink(join('..data', name), join(folder, name));
  }
}

/** The YAML files of a folder, by name. */
export async function yamlFiles(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.yaml'));
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), 'utf8')])),
  );
}

export interface PodOptions {
  program: string;
  /** Of the base. */
  manifest: string;
  /** Where the two ConfigMaps of daprd are mounted. */
  resourcesPath: string;
  configPath: string;
  appPort: number;
  /** Where the scheduler is, or would be; left out, there is none. */
  scheduler?: string;
  env: Readonly<Record<string, string>>;
  logFile: string;
  reaper: OrphanReaper;
}

/** daprd as the Deployment starts it, but for its ports and paths, which are this machine's, and loopback. */
export async function daprdOfManifest(options: PodOptions): Promise<Part & { url: string; metricsUrl: string }> {
  const objects = parseAllDocuments(await readFile(options.manifest, 'utf8')).map((each): Deployment => each.toJS());
  const { container } = daprd({ objects, definitions: [], hasTopics: false });
  const flags = flagsOf(container);
  const probed = container.readinessProbe?.httpGet?.path;
  const ports = { http: await freePort(), metrics: await freePort() };
  const here: Record<string, string> = {
    '--app-port': String(options.appPort),
    '--resources-path': options.resourcesPath,
    '--config': options.configPath,
    '--dapr-http-port': String(ports.http),
    '--dapr-grpc-port': String(await freePort()),
    '--dapr-internal-grpc-port': String(await freePort()),
    '--dapr-listen-addresses': '127.0.0.1',
    '--metrics-port': String(ports.metrics),
  };
  for (const [name, value] of Object.entries(here)) {
    if (!flags.has(name)) throw new Error(`the Deployment does not give daprd ${name}`);
    flags.set(name, value);
  }
  if (options.scheduler) flags.set('--scheduler-host-address', options.scheduler);
  const args = [...flags].map(([name, value]) => (value === undefined ? name : `${name}=${value}`));
  const url = `http://127.0.0.1:${ports.http}`;
  const part = createPart({
    name: 'daprd',
    logFile: options.logFile,
    stopSignal: 'SIGTERM',
    stopGraceMs: 30_000,
    startTimeoutMs: 30_000,
    onActivity: () => {},
    launch: () => startProcess({ command: [options.program, ...args], ...options }),
    async probe() {
      const { ok, status } = await fetch(`${url}${probed}`);
      if (!ok) throw new Error(`daprd's health check answers ${status}`);
    },
  });
  return { ...part, url, metricsUrl: `http://127.0.0.1:${ports.metrics}/metrics` };
}
