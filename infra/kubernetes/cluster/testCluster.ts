import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, vi } from 'vitest';
import type { Cluster } from './cluster.ts';

/** Window, grace period and the pod's own end, on a machine that may be busy. */
const TO_ZERO = { timeout: 180_000, interval: 500 };

export interface Answer {
  status: number | undefined;
  body: string;
  ms: number;
}

export interface Call {
  path?: string;
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

/** What tests do with a cluster. */
export function testCluster(cluster: Cluster) {
  let applied = 0;
  const pods = async (service: string) => {
    const selector = `serving.knative.dev/service=${service}`;
    const listed = await cluster.kubectl('get', 'pods', '--all-namespaces', '-l', selector, '-o', 'name');
    return listed.split('\n').filter(Boolean);
  };
  return {
    /** Names of a Service's pods, those included that are just ending. */
    pods,

    async apply(...objects: readonly object[]): Promise<void> {
      applied += 1;
      const file = join(cluster.logs, `applied-${applied}.json`);
      await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }), { mode: 0o600 });
      await cluster.kubectl('apply', '-f', file);
    },

    /** Waits until a Service has no pod left. */
    atZero: (service: string) => vi.waitFor(async () => expect(await pods(service)).toEqual([]), TO_ZERO),

    /** Calls the gateway, which knows Services by the Host header. */
    async call(host: string, { path = '/', method = 'GET', headers = {}, body }: Call = {}): Promise<Answer> {
      const startedAt = performance.now();
      const calling = request(`${cluster.gatewayUrl}${path}`, { method, headers: { ...headers, host } }).end(body);
      const [response] = await once(calling, 'response');
      const answer = await text(response);
      return { status: response.statusCode, body: answer, ms: Math.round(performance.now() - startedAt) };
    },
  };
}
