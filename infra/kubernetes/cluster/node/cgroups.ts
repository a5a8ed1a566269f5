import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CGROUP } from '../names.ts';

/** What the kubelet needs of version 1; version 2 has them all in one hierarchy. */
const REQUIRED_CONTROLLERS = ['cpu', 'cpuacct', 'cpuset', 'memory', 'pids'];

/** The folders in which cgroups are made: one of version 2, or several of version 1. Rejects where some are missing. */
export async function hierarchies(mounts?: string): Promise<string[]> {
  const found = readHierarchies(mounts ?? (await readFile('/proc/mounts', 'utf8')));
  if (found.length === 0) throw new Error('no cgroup file system is mounted that has the controllers cpu and memory');
  return found;
}

/** Picks the hierarchies out of /proc/mounts. */
export function readHierarchies(mounts: string): string[] {
  const found = mounts.split('\n').map((line) => line.split(' '));
  const named = found.filter(([, , type]) => type === 'cgroup');
  const controllers = named.flatMap(([, , , options]) => options?.split(',') ?? []);
  if (REQUIRED_CONTROLLERS.every((name) => controllers.includes(name))) {
    return [...new Set(named.map(([, folder]) => folder ?? ''))];
  }
  if (named.length > 0) return [];
  return found.filter(([, , type]) => type === 'cgroup2').map(([, folder]) => folder ?? '');
}

/** Makes the cgroup that the kubelet puts the pods' into, in each hierarchy. */
export async function createCgroups(): Promise<void> {
  for (const hierarchy of await hierarchies()) {
    const folder = join(hierarchy, CGROUP);
    await mkdir(folder, { recursive: true });
    // A cgroup without processors and memory nodes takes no process.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) await copyIfThere(join(hierarchy, file), join(folder, file));
  }
}

async function copyIfThere(from: string, to: string): Promise<void> {
  const value = await readFile(from, 'utf8').catch(() => '');
  if (value) await writeFile(to, value);
}

/** Processes in the pods' cgroups. */
export async function processesOfPods(): Promise<number[]> {
  const pids = new Set<number>();
  for (const folder of await podCgroups()) {
    const text = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
    for (const line of text.split('\n').filter(Boolean)) pids.add(Number(line));
  }
  return [...pids];
}

/** Removes the cgroups, which must be empty. */
export async function removeCgroups(): Promise<void> {
  for (const folder of await podCgroups()) {
    await rmdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
}

/** All cgroups of the cluster, inner ones first. */
export async function podCgroups(): Promise<string[]> {
  const folders: string[] = [];
  for (const hierarchy of readHierarchies(await readFile('/proc/mounts', 'utf8'))) {
    const top = join(hierarchy, CGROUP);
    const inner = await readdir(top, { recursive: true, withFileTypes: true }).catch(() => undefined);
    if (!inner) continue;
    folders.push(
      top,
      ...inner.filter((entry) => entry.isDirectory()).map(({ parentPath, name }) => join(parentPath, name)),
    );
  }
  return folders.sort((a, b) => b.length - a.length);
}
