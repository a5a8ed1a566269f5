import { readdir, readFile } from 'node:fs/promises';
import { readKernelSettings } from './node/kernelSettings.ts';
import { programOf } from './node/processes.ts';

/** Names of what a cluster is made of, besides the containers' own. */
const PROGRAMS = /^(kube.*|etcd|containerd.*|pause|activator|autoscaler|controller|webhook|traefik|coredns)$/;

/** What of this machine a cluster changes while it runs; for tests that compare before and after. */
export async function machineState() {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const programs = await Promise.all(pids.map((pid) => programOf(Number(pid))));
  const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  return {
    programs: programs.filter((name) => PROGRAMS.test(name)).sort(),
    mounts: mounts.filter((path) => /containerd|kubelet|cni|netns|evolution-todo/.test(path)).sort(),
    interfaces: (await readdir('/sys/class/net')).sort(),
    namespaces: await readdir('/run/netns').catch(() => []),
    sockets: await readdir('/run/containerd/s').catch(() => []),
    kernelSettings: await readKernelSettings(),
  };
}
