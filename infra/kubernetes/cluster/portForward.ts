import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../local/listen.ts';
import type { Cluster } from './cluster.ts';

export interface PortForward {
  /** Ports of loopback, in the order of those that they lead to. */
  readonly ports: readonly number[];
  close(): Promise<void>;
}

const RETRY_MS = 500;

/**
 * Opens ports of loopback that lead to ports of a pod, such as one of `deployment/daprd`. It lasts: where the pod is
 * replaced, they lead to the next one as soon as that runs. Until then, nobody listens there.
 */
export async function forwardPorts(
  { kubectlPath, kubeconfig }: Pick<Cluster, 'kubectlPath' | 'kubeconfig'>,
  namespace: string,
  target: string,
  podPorts: readonly number[],
): Promise<PortForward> {
  const ports: number[] = [];
  for (const _ of podPorts) ports.push(await freePort());
  const pairs = podPorts.map((port, index) => `${ports[index]}:${port}`);
  const args = ['--kubeconfig', kubeconfig, '--namespace', namespace, 'port-forward', target, ...pairs];
  const ending = new AbortController();

  async function keepForwarding(): Promise<void> {
    while (!ending.signal.aborted) {
      const child = spawn(kubectlPath, args, { stdio: 'ignore', signal: ending.signal });
      child.on('error', () => {});
      await once(child, 'close').catch(() => undefined);
      await sleep(RETRY_MS, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  }
  const forwarding = keepForwarding();
  return {
    ports,
    close() {
      ending.abort();
      return forwarding;
    },
  };
}
