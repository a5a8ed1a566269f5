import { access, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clusterOf } from './cluster.ts';
import { endContainers } from './containerImages.ts';
import { exclusively } from './lock.ts';
import { INTERFACE, RUN_FOLDER } from './names.ts';
import { podCgroups, processesOfPods, removeCgroups } from './node/cgroups.ts';
import { restoreKernelSettings } from './node/kernelSettings.ts';
import { mountsBelow, unmountBelow } from './node/mounts.ts';
import { hasInterface, removeNetwork } from './node/network.ts';
import { clusterProcesses, endProcesses, processesOfNode, programOf } from './node/processes.ts';
import { readState } from './state.ts';

/** What would start containers again. */
const MANAGERS = ['kubelet', 'kube-controller-manager', 'kube-scheduler'];
/** etcd and the API server take a second or two. */
const GRACE_MS = 5_000;

/**
 * Ends the cluster of this machine, also one that was started by halves, and removes all that is left of it. Resolves
 * to whether there was one. Rejects where something of it can't be removed.
 */
export async function stopCluster(): Promise<boolean> {
  // Elsewhere none can have been started.
  if (process.platform !== 'linux' || (await remainders()).length === 0) return false;
  await exclusively(RUN_FOLDER, removeCluster);
  const after = await remainders();
  if (after.length > 0) throw new Error(`of the cluster there is still: ${after.join(', ')}`);
  return true;
}

/** Does what `stopCluster` does, for one who has the lock. */
export async function removeCluster(): Promise<void> {
  const state = await readState(RUN_FOLDER).catch(() => undefined);
  await endProcesses(await managers(), GRACE_MS);
  // In vain where containerd does not run: then the containers are processes like all others.
  if (state) await endContainers(clusterOf(state).socket).catch(() => {});
  await endProcesses(await processesOfNode(), GRACE_MS);
  await endProcesses(await processesOfPods(), 0);
  if (state) await restoreKernelSettings(state.kernelSettings);
  await removeCgroups();
  await removeNetwork();
  for (const folder of await dataFolders()) {
    await unmountBelow(folder);
    await rm(folder, { recursive: true, force: true });
  }
  await unmountBelow(RUN_FOLDER);
  for (const file of await runFiles()) await rm(file, { recursive: true, force: true });
}

async function managers(): Promise<number[]> {
  const pids = await processesOfNode();
  const names = await Promise.all(pids.map(programOf));
  return pids.filter((_, index) => MANAGERS.includes(names[index] ?? ''));
}

/** Everything on this machine that belongs to a cluster, in words. */
export async function remainders(): Promise<string[]> {
  const processes = (await clusterProcesses()).map(({ pid, name }) => `process ${pid} (${name})`);
  const folders = await dataFolders();
  const mounts = (await Promise.all([...folders, RUN_FOLDER].map(mountsBelow))).flat();
  return [
    ...processes,
    ...mounts.map((path) => `mount ${path}`),
    ...folders.map((path) => `folder ${path}`),
    ...(await runFiles()).map((path) => `file ${path}`),
    ...(await podCgroups()).map((path) => `cgroup ${path}`),
    ...((await hasInterface()) ? [`interface ${INTERFACE}`] : []),
  ];
}

async function runFiles(): Promise<string[]> {
  const names = await readdir(RUN_FOLDER).catch(() => []);
  return names.filter((name) => name !== 'lock').map((name) => join(RUN_FOLDER, name));
}

/** Of this cluster, and of those whose start was broken off before anybody took a note of it. */
async function dataFolders(): Promise<string[]> {
  const noted = (await readState(RUN_FOLDER).catch(() => undefined))?.data;
  const names = (await readdir(tmpdir())).filter((name) => name.startsWith('evolution-todo-cluster-'));
  const folders = new Set(names.map((name) => join(tmpdir(), name)));
  if (noted && (await exists(noted))) folders.add(noted);
  return [...folders];
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
