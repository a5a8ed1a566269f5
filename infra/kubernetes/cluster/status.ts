import { type Cluster, clusterOf } from './cluster.ts';
import { RUN_FOLDER } from './names.ts';
import { type ClusterProcess, clusterProcesses } from './node/processes.ts';
import { readState } from './state.ts';

export interface ClusterStatus {
  phase: 'starting' | 'running';
  /** ISO 8601, UTC. */
  since: string;
  cluster: Cluster;
  processes: readonly ClusterProcess[];
  /** Names of deployments, with their namespace, that are not available; undefined where the API server is silent. */
  unavailable: readonly string[] | undefined;
}

/** What the cluster of this machine is like; undefined where there is none. */
export async function clusterStatus(): Promise<ClusterStatus | undefined> {
  const state = await readState(RUN_FOLDER);
  if (!state) return undefined;
  const cluster = clusterOf(state);
  const processes = await clusterProcesses();
  return {
    phase: state.phase,
    since: state.since,
    cluster,
    processes,
    unavailable: await unavailable(cluster).catch(() => undefined),
  };
}

async function unavailable({ kubectl }: Cluster): Promise<string[]> {
  const columns = [
    '{range .items[*]}{.metadata.namespace}/{.metadata.name} ',
    '{.status.conditions[?(@.type=="Available")].status}{"\\n"}{end}',
  ].join('');
  const text = await kubectl(
    'get',
    'deployments',
    '--all-namespaces',
    '--request-timeout=5s',
    '-o',
    `jsonpath=${columns}`,
  );
  return text
    .split('\n')
    .filter((line) => line && !line.endsWith(' True'))
    .map((line) => line.split(' ')[0] ?? '');
}
