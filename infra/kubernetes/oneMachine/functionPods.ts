import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FunctionDefinition } from '../../../shared/runtime/defineFunction.ts';
import { resourceName } from '../../../shared/runtime/route.ts';
import { SYSTEM } from '../../generate/knative.ts';
import type { GatewayActivity } from '../../local/gateway/activity.ts';
import type { KubernetesApi } from '../cluster/api.ts';

/** What happens to functions' pods, in the words of the local gateway, which does with processes what Knative does here. */
export type PodActivity = Extract<GatewayActivity, { type: 'woke' | 'slept' | 'output' }>;

export interface FunctionPodsOptions {
  api: KubernetesApi;
  definitions: readonly FunctionDefinition[];
  /** Takes what happens; it must not throw. */
  onActivity: (activity: PodActivity) => void;
}

/** The functions' pods, as they come and go. One that is ending counts no more: it takes no requests. */
export interface FunctionPods {
  /** Names of a function's pods; of all functions' where none is named. */
  names(functionName?: string): string[];
  /** How many pods each function had at once, at the most, since the last call. */
  peaks(): ReadonlyMap<string, number>;
  close(): void;
}

interface Pod {
  metadata: { name: string; uid: string; labels: Record<string, string>; deletionTimestamp?: string };
  status: {
    containerStatuses?: { name: string; containerID?: string; state: { running?: object; terminated?: object } }[];
  };
}
interface Change {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  object: Pod;
}

const SERVICE_LABEL = 'serving.knative.dev/service';
const PODS = `/api/v1/namespaces/${SYSTEM}/pods`;
/** Where Knative puts a function's own container. */
const CONTAINER = 'user-container';
const RETRY_MS = 500;

/** Watches all functions' pods and follows their logs from each container's start: a pod's log goes with it. */
export function watchFunctionPods({ api, definitions, onActivity }: FunctionPodsOptions): FunctionPods {
  const nameOf = new Map(definitions.map((definition) => [resourceName(definition), definition.name]));
  const ending = new AbortController();
  // One for each log that is being followed.
  setMaxListeners(0, ending.signal);
  const pods = new Map<string, { name: string; function: string }>();
  const peaks = new Map<string, number>();
  const followed = new Set<string>();

  const namesOf = (functionName?: string) =>
    [...pods.values()].filter((pod) => !functionName || pod.function === functionName).map(({ name }) => name);

  function take({ type, object: { metadata, status } }: Change): void {
    const functionName = nameOf.get(metadata.labels?.[SERVICE_LABEL] ?? '');
    if (!functionName) return;
    const isThere = type !== 'DELETED' && !metadata.deletionTimestamp;
    const wasThere = pods.has(metadata.uid);
    if (isThere && !wasThere) add(metadata, functionName);
    if (!isThere && wasThere) remove(metadata, functionName);
    const container = status.containerStatuses?.find(({ name }) => name === CONTAINER);
    const hasStarted = container?.state.running ?? container?.state.terminated;
    if (container?.containerID && hasStarted && !followed.has(container.containerID)) {
      followed.add(container.containerID);
      void follow(metadata.name, functionName);
    }
  }

  function add({ uid, name }: Pod['metadata'], functionName: string): void {
    pods.set(uid, { name, function: functionName });
    const count = namesOf(functionName).length;
    peaks.set(functionName, Math.max(count, peaks.get(functionName) ?? 0));
    if (count === 1) onActivity({ type: 'woke', function: functionName, ms: 0 });
  }

  function remove({ uid }: Pod['metadata'], functionName: string): void {
    pods.delete(uid);
    if (namesOf(functionName).length === 0) onActivity({ type: 'slept', function: functionName, forced: false });
  }

  async function follow(pod: string, functionName: string): Promise<void> {
    const onLine = (line: string) => onActivity({ type: 'output', function: functionName, stream: 'stdout', line });
    // In vain where the pod has gone meanwhile, and its log with it.
    await api
      .follow(`${PODS}/${pod}/log?container=${CONTAINER}&follow=true`, onLine, ending.signal)
      .catch(() => undefined);
  }

  async function watch(): Promise<void> {
    while (!ending.signal.aborted) {
      const path = `${PODS}?watch=true&labelSelector=${encodeURIComponent(SERVICE_LABEL)}`;
      // A watch ends after half an hour or so; the next one begins with all pods that are there.
      await api.follow(path, (line) => take(JSON.parse(line) as Change), ending.signal).catch(() => undefined);
      await sleep(RETRY_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  }
  void watch();

  return {
    names: namesOf,
    peaks() {
      const seen = new Map(peaks);
      peaks.clear();
      for (const { function: name } of pods.values()) peaks.set(name, namesOf(name).length);
      return seen;
    },
    close: () => ending.abort(),
  };
}
