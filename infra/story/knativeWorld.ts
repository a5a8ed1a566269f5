import { loadFunctions, schedulesWithoutJobs } from '../functions.ts';
import { SYSTEM } from '../generate/knative.ts';
import type { Kubectl } from '../kubernetes/cluster/kubectl.ts';
import { MACHINE_ADDRESS } from '../kubernetes/cluster/names.ts';
import { HOST_NAME, type OneMachine, startOneMachine } from '../kubernetes/oneMachine/platform.ts';
import type { RealActivity } from '../real/platform.ts';
import { choose } from '../real/ports.ts';
import { invocationThrough } from './invocation.ts';
import { until } from './look.ts';
import { publishThrough } from './publish.ts';
import { publishedIn } from './publishedTypes.ts';
import { recordActivity } from './record.ts';
import type { Capabilities, CompleteWorld } from './world.ts';

/** Crons come each minute; a function begins and ends at zero, which takes another one. */
const PATIENCE_MS = 150_000;

/** The system on a cluster of this machine, as clients, operators and other services reach it. */
export async function knativeWorld(
  report: { onProgress?: (step: string) => void; onActivity?: (activity: RealActivity) => void } = {},
): Promise<CompleteWorld & { platform: OneMachine; close(): Promise<void> }> {
  const definitions = await loadFunctions();
  const record = recordActivity(definitions.map(({ name }) => name));
  const platform = await startOneMachine({
    // Crons come as without jobs, beside these: what is lost on purpose is not to wait for the full hour.
    schedules: schedulesWithoutJobs(definitions),
    onProgress: report.onProgress ?? (() => {}),
    onActivity(activity) {
      record.add(activity);
      report.onActivity?.(activity);
    },
  });
  const { cluster, machine, daprUrl, routerUrl } = platform;
  const { token, brokers, secrets } = machine;
  const port = await choose(0, MACHINE_ADDRESS);
  return {
    ...record,
    platform,
    patienceMs: PATIENCE_MS,
    api: { url: cluster.gatewayUrl, headers: { host: HOST_NAME } },
    user: async (id) => ({ id, token: await token(id) }),
    newUsers: true,
    admin: { url: routerUrl, headers: { authorization: `Bearer ${await token('operator', 'admin')}` } },
    invocation: invocationThrough(daprUrl, secrets.daprApiToken),
    publish: publishThrough(daprUrl, secrets.daprApiToken),
    publishedTypes: publishedIn(brokers),
    receiver: { host: MACHINE_ADDRESS, port, url: `http://${MACHINE_ADDRESS}:${port}/hook` },
    sidecar: scaledSidecar(cluster.kubectl, daprUrl),
    close: platform.close,
  };
}

/** Takes daprd down and up as an operator does. */
function scaledSidecar(kubectl: Kubectl, daprUrl: string): Capabilities['sidecar'] {
  const inSystem = (...args: string[]) => kubectl('-n', SYSTEM, ...args);
  return {
    async stop() {
      await inSystem('scale', 'deployment/daprd', '--replicas=0');
      await inSystem('wait', 'pod', '-l', 'app.kubernetes.io/name=daprd', '--for=delete', '--timeout=60s');
    },
    async start() {
      await inSystem('scale', 'deployment/daprd', '--replicas=1');
      await inSystem('rollout', 'status', 'deployment/daprd', '--timeout=60s');
      await until({ patienceMs: PATIENCE_MS }, 'a way to daprd', async () => {
        const health = await fetch(`${daprUrl}/v1.0/healthz`).catch(() => undefined);
        return health?.ok || undefined;
      });
    },
  };
}
