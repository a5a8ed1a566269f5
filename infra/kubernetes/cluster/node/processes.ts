import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { signal } from '../../../real/process/signal.ts';
import { processesOfPods } from './cgroups.ts';
import { hasNamespace, NAMESPACE_FILE } from './network.ts';

/** A process of the cluster. */
export interface ClusterProcess {
  readonly pid: number;
  /** The name of its program. */
  readonly name: string;
  /** Memory of its own and its share of what it has in common with others. */
  readonly bytes: number;
  /** The id of the pod that it is in; undefined for one of the node's own, such as a shim. */
  readonly pod: string | undefined;
}

const LOOK_INTERVAL_MS = 100;
/** Where the kubelet puts what runs in a pod. */
const POD_CGROUP = /\/pod([0-9a-f-]{36})\//;

/** The processes in the node's network: its daemons, and the shims that containerd starts for the pods. */
export async function processesOfNode(): Promise<number[]> {
  if (!(await hasNamespace())) return [];
  const { ino } = await stat(NAMESPACE_FILE);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const networks = await Promise.all(pids.map((pid) => readlink(`/proc/${pid}/ns/net`).catch(() => '')));
  return pids.filter((_, index) => networks[index] === `net:[${ino}]`).map(Number);
}

/** All processes of the cluster. */
export async function clusterProcesses(): Promise<ClusterProcess[]> {
  const pids = [...new Set([...(await processesOfNode()), ...(await processesOfPods())])];
  const found = await Promise.all(pids.map((pid) => describe(pid).catch(() => undefined)));
  return found.filter((process) => process !== undefined);
}

async function describe(pid: number): Promise<ClusterProcess> {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const kilobytes = Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0);
  const pod = POD_CGROUP.exec(await readFile(`/proc/${pid}/cgroup`, 'utf8'))?.[1];
  return { pid, name: await programOf(pid), bytes: kilobytes * 1024, pod };
}

/** The file name of the program that a process runs; empty where there is no such process. */
export async function programOf(pid: number): Promise<string> {
  return basename(await readlink(`/proc/${pid}/exe`).catch(() => ''));
}

/** Asks processes to end, kills those that do not within `graceMs`, and resolves when all are gone. */
export async function endProcesses(pids: readonly number[], graceMs: number): Promise<void> {
  const deadline = performance.now() + graceMs;
  let left = pids.filter((pid) => signal(pid, 'SIGTERM'));
  while (left.length > 0) {
    await delay(LOOK_INTERVAL_MS);
    const isLate = performance.now() > deadline;
    const running = await Promise.all(left.map(isRunning));
    left = left.filter((pid, index) => running[index] && (!isLate || signal(pid, 'SIGKILL')));
  }
}

/** Whether a process runs; one that has ended and that nobody has taken note of yet does not. */
async function isRunning(pid: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text !== '' && !/\) [ZX] /.test(text);
}
