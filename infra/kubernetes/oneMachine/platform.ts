import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadFunctions } from '../../functions.ts';
import { SYSTEM } from '../../generate/knative.ts';
import type { RealActivity } from '../../real/platform.ts';
import { type Closer, startTogether } from '../../real/process/together.ts';
import { type KubernetesApi, kubernetesApi } from '../cluster/api.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { forwardPorts } from '../cluster/portForward.ts';
import { startCluster } from '../cluster/start.ts';
import { clusterStatus } from '../cluster/status.ts';
import { stopCluster } from '../cluster/stop.ts';
import { importAll, makeSecrets } from './deployment.ts';
import { type FunctionPods, watchFunctionPods } from './functionPods.ts';
import { type Machine, startMachine } from './machine.ts';
import { type Release, rollOut } from './rollout.ts';

/** The API's, as the overlay's platform.env has it. */
export const HOST_NAME = 'todo.localhost';
/** daprd's API, and the router beside it, within their pod. */
const DAPRD_PORT = 3500;
const ROUTER_PORT = 8081;

/** The system on a cluster of this machine. */
export interface OneMachine {
  cluster: Cluster;
  machine: Machine;
  api: KubernetesApi;
  pods: FunctionPods;
  /** Ways for this machine to what has none from outside; they lead nowhere while daprd's pod is not there. */
  daprUrl: string;
  routerUrl: string;
  close(): Promise<void>;
}

export interface OneMachineOptions extends Partial<Pick<Release, 'schedules' | 'settings'>> {
  onProgress: (step: string) => void;
  onActivity: (activity: RealActivity) => void;
}

/**
 * Deploys the overlay to the cluster of this machine, which it starts, and starts what the overlay finds beside it;
 * resolves when everything is ready. A cluster that runs already is used, and without the system again afterwards.
 */
export function startOneMachine(options: OneMachineOptions): Promise<OneMachine> {
  return startTogether((closers) => startAll(options, closers));
}

async function startAll(
  { schedules = {}, settings, onProgress, onActivity }: OneMachineOptions,
  closers: Closer[],
): Promise<Omit<OneMachine, 'close'>> {
  const definitions = await loadFunctions();
  const folder = await mkdtemp(join(tmpdir(), 'evolution-todo-machine-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  const running = await clusterStatus();
  const cluster = running?.cluster ?? (await startCluster(onProgress));
  closers.push(running ? () => cluster.kubectl('delete', 'namespace', SYSTEM, '--ignore-not-found') : stopCluster);
  const machine = await startMachine({ folder, onProgress, onActivity });
  closers.push(machine.close);
  await importAll(cluster, definitions, onProgress);

  const api = await kubernetesApi(cluster.kubeconfig);
  closers.push(api.close);
  const pods = watchFunctionPods({ api, definitions, onActivity });
  closers.push(pods.close);
  await makeSecrets(cluster, machine);
  await rollOut({ schedules, settings, name: '1' }, { cluster, machine, onProgress });
  const forward = await forwardPorts(cluster, SYSTEM, 'deployment/daprd', [DAPRD_PORT, ROUTER_PORT]);
  closers.push(forward.close);
  const [daprUrl = '', routerUrl = ''] = forward.ports.map((port) => `http://127.0.0.1:${port}`);
  return { cluster, machine, api, pods, daprUrl, routerUrl };
}
