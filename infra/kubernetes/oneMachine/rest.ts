import { SYSTEM } from '../../generate/knative.ts';
import type { KubernetesApi } from '../cluster/api.ts';
import { type ClusterProcess, clusterProcesses } from '../cluster/node/processes.ts';

/** Memory of a part of the cluster, in bytes, and its processes. */
export interface PartAtRest {
  part: string;
  processes: number;
  bytes: number;
}

interface PodList {
  items: { metadata: { uid: string; namespace: string; labels?: Record<string, string> } }[];
}

/** Processes by what they are there for: the system's own parts by name, and what they run on. */
export async function partsAtRest(api: KubernetesApi): Promise<PartAtRest[]> {
  const { items } = await api.get<PodList>('/api/v1/pods');
  const pods = new Map(items.map(({ metadata }) => [metadata.uid, metadata]));
  const parts = new Map<string, ClusterProcess[]>();
  for (const process of await clusterProcesses()) {
    const part = partOf(process, pods.get(process.pod ?? ''));
    parts.set(part, [...(parts.get(part) ?? []), process]);
  }
  return [...parts]
    .map(([part, processes]) => ({
      part,
      processes: processes.length,
      bytes: processes.reduce((sum, { bytes }) => sum + bytes, 0),
    }))
    .sort((one, other) => other.bytes - one.bytes);
}

function partOf({ name }: ClusterProcess, pod: PodList['items'][number]['metadata'] | undefined): string {
  if (!pod) return 'Kubernetes';
  if (pod.namespace === SYSTEM) {
    const labels = pod.labels ?? {};
    if (name === 'pause') return 'Kubernetes';
    if (labels['serving.knative.dev/service']) return 'functions that are just ending';
    // daprd and the router are in one pod.
    return name === 'node' && labels['app.kubernetes.io/name'] === 'daprd'
      ? 'router'
      : `${labels['app.kubernetes.io/name']}`;
  }
  return name === 'pause' || pod.namespace === 'kube-system' ? 'Kubernetes' : `${pod.namespace}: ${name}`;
}
