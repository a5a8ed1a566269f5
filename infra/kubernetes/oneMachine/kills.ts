import { SYSTEM } from '../../generate/knative.ts';
import { signal } from '../../real/process/signal.ts';
import type { KubernetesApi } from '../cluster/api.ts';
import { clusterProcesses } from '../cluster/node/processes.ts';

/** Kills the containers' processes of a program, such as daprd (SIGKILL). Rejects where there is none. */
export async function killProgram(program: string): Promise<void> {
  kill((await clusterProcesses()).filter(({ name }) => name === program).map(({ pid }) => pid));
}

/** Kills every function's process (SIGKILL), but not what stands beside it in its pod. Rejects where there is none. */
export async function killFunctions(api: KubernetesApi): Promise<void> {
  const path = `/api/v1/namespaces/${SYSTEM}/pods?labelSelector=serving.knative.dev%2Fservice`;
  const { items } = await api.get<{ items: { metadata: { uid: string } }[] }>(path);
  const pods = new Set(items.map(({ metadata }) => metadata.uid));
  const processes = await clusterProcesses();
  kill(processes.filter(({ name, pod }) => name === 'node' && pods.has(pod ?? '')).map(({ pid }) => pid));
}

function kill(pids: readonly number[]): void {
  if (pids.length === 0) throw new Error('there is no process to kill');
  for (const pid of pids) signal(pid, 'SIGKILL');
}
