import { parseArgs } from 'node:util';
import type { Cluster } from '../infra/kubernetes/cluster/cluster.ts';
import type { ClusterProcess } from '../infra/kubernetes/cluster/node/processes.ts';
import { startCluster } from '../infra/kubernetes/cluster/start.ts';
import { clusterStatus } from '../infra/kubernetes/cluster/status.ts';
import { stopCluster } from '../infra/kubernetes/cluster/stop.ts';

const help = `Runs Kubernetes with Knative Serving on this machine, without a container engine: one node in a network of its own.

usage: npm run cluster -- start     returns when everything is available; the cluster goes on until "stop"
       npm run cluster -- status    what runs, and how much memory it takes; exits with 1 where nothing does
       npm run cluster -- stop      ends it and removes everything that it made on this machine, also a broken-off start

It needs Linux, root, Go 1.26 and, of Debian's packages, containerd runc iproute2 iptables util-linux procps openssl. The
first start builds Kubernetes, etcd, the CNI plugins, Knative Serving, Traefik and CoreDNS from their Go modules (a
quarter of an hour on two cores) and keeps them in ~/.cache/evolution-todo (XDG_CACHE_HOME) for later ones.

It is for developing and testing, not for serving: whoever may deploy to it has the rights of root on this machine.`;

const commands: Readonly<Record<string, () => Promise<void>>> = { start, status, stop };

async function start(): Promise<void> {
  const startedAt = performance.now();
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(1)} s`.padStart(8);
  process.once('SIGINT', () => {
    console.log('\nBroken off: "npm run cluster -- stop" removes what was started.');
    process.exit(130);
  });
  const cluster = await startCluster((step) => console.log(`${seconds()}  ${step}`));
  console.log(`${seconds()}  ready\n\n${usageOf(cluster)}\n\nTo end it: npm run cluster -- stop`);
}

async function status(): Promise<void> {
  const found = await clusterStatus();
  if (!found) {
    console.log('No cluster runs.');
    process.exitCode = 1;
    return;
  }
  const { phase, since, cluster, processes, unavailable } = found;
  console.log(`The cluster is ${phase}, since ${since}.\n\n${usageOf(cluster)}\n`);
  console.log(`  deployments   ${availability(unavailable)}`);
  console.log(`  memory        ${mebibytes(processes)} in ${processes.length} processes\n`);
  for (const [name, group] of byProgram(processes)) {
    console.log(`  ${mebibytes(group).padStart(9)}  ${name}${group.length > 1 ? ` (${group.length})` : ''}`);
  }
}

function availability(unavailable: readonly string[] | undefined): string {
  if (!unavailable) return 'unknown: the API server does not answer';
  return unavailable.length > 0 ? `not available: ${unavailable.join(', ')}` : 'all available';
}

async function stop(): Promise<void> {
  console.log((await stopCluster()) ? 'The cluster is gone.' : 'No cluster runs.');
}

function usageOf({ kubectlPath, kubeconfig, gatewayUrl, machineAddress, logs }: Cluster): string {
  return `  kubectl       export KUBECONFIG=${kubeconfig}; ${kubectlPath} get pods -A
  gateway       ${gatewayUrl}, with a Service's host name as the Host header
  this machine  ${machineAddress}, as pods see it
  logs          ${logs}`;
}

/** Those with the most memory first. */
function byProgram(processes: readonly ClusterProcess[]): [string, ClusterProcess[]][] {
  const groups = new Map<string, ClusterProcess[]>();
  for (const process of processes) groups.set(process.name, [...(groups.get(process.name) ?? []), process]);
  return [...groups].sort(([, a], [, b]) => sum(b) - sum(a));
}

const sum = (processes: readonly ClusterProcess[]) => processes.reduce((total, { bytes }) => total + bytes, 0);
const mebibytes = (processes: readonly ClusterProcess[]) => `${Math.round(sum(processes) / 2 ** 20)} MiB`;

const { values, positionals } = parseArgs({
  options: { help: { type: 'boolean', short: 'h' } },
  allowPositionals: true,
});
const command = positionals.length === 1 ? commands[positionals[0] ?? ''] : undefined;
if (values.help || !command) {
  console.log(help);
  process.exit(values.help ? 0 : 1);
}
try {
  await command();
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
