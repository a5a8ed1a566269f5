import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Cluster } from './cluster.ts';
import { startCluster } from './start.ts';
import { clusterStatus } from './status.ts';
import { remainders, stopCluster } from './stop.ts';
import { importScript } from './testImage.ts';
import { machineState } from './testMachine.ts';

const IMAGE = 'dev.local/hello:1.0';
const HOST = 'hello.default.example.com';
const SCRIPT = `
  import { createServer } from 'node:http';
  const server = createServer((_, response) => response.end('uid ' + process.getuid()));
  process.on('SIGTERM', () => server.close());
  server.listen(process.env.PORT);
`;
const service = {
  apiVersion: 'serving.knative.dev/v1',
  kind: 'Service',
  metadata: { name: 'hello', namespace: 'default' },
  spec: {
    template: {
      // The shortest window that Knative takes; the pod goes half a minute after it.
      metadata: { annotations: { 'autoscaling.knative.dev/window': '6s' } },
      spec: {
        containers: [
          {
            image: IMAGE,
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              runAsNonRoot: true,
              capabilities: { drop: ['ALL'] },
              seccompProfile: { type: 'RuntimeDefault' },
            },
          },
        ],
      },
    },
  },
};
/** Window, grace period and the pod's own end, and a busy machine. */
const TO_ZERO = { timeout: 180_000, interval: 500 };

const note = (line: string) => process.stderr.write(`… ${line}\n`);

let before: Awaited<ReturnType<typeof machineState>>;
let cluster: Cluster;

beforeAll(async () => {
  before = await machineState();
  const startedAt = performance.now();
  cluster = await startCluster(note);
  note(`the cluster is ready after ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
});
afterAll(() => stopCluster());

async function pods(): Promise<string[]> {
  const selector = 'serving.knative.dev/service=hello';
  return (await cluster.kubectl('get', 'pods', '-l', selector, '-o', 'name')).split('\n').filter(Boolean);
}

/** Asks the gateway for a Service, which it knows by the Host header. */
async function call(host: string): Promise<{ status: number | undefined; body: string; ms: number }> {
  const startedAt = performance.now();
  const calling = request(cluster.gatewayUrl, { headers: { host } }).end();
  const [response] = await once(calling, 'response');
  return { status: response.statusCode, body: await text(response), ms: Math.round(performance.now() - startedAt) };
}

it('scales a Knative Service from zero on a request, and back to zero', async () => {
  await importScript(cluster.socket, IMAGE, SCRIPT);
  const file = join(cluster.logs, 'hello.json');
  await writeFile(file, JSON.stringify(service));
  await cluster.kubectl('apply', '-f', file);
  await cluster.kubectl('wait', 'ksvc/hello', '--for=condition=ready', '--timeout=120s');
  await vi.waitFor(async () => expect(await pods()).toEqual([]), TO_ZERO);

  const first = await call(HOST);
  expect(first).toMatchObject({ status: 200, body: 'uid 65532' });
  const second = await call(HOST);
  expect(second.status).toBe(200);
  expect(await pods()).toHaveLength(1);
  note(`woken from zero in ${first.ms} ms, then ${second.ms} ms`);

  await vi.waitFor(async () => expect(await pods()).toEqual([]), TO_ZERO);
});

it('gives a Service of its own image to nobody under another name', async () => {
  expect((await call('other.default.example.com')).status).toBe(404);
});

it('tells what runs and how much memory it takes', async () => {
  const status = await clusterStatus();
  expect(status).toMatchObject({ phase: 'running', unavailable: [] });
  const names = status?.processes.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['kubelet', 'kube-apiserver', 'containerd', 'activator', 'traefik']));
  const bytes = status?.processes.reduce((total, process) => total + process.bytes, 0) ?? 0;
  expect(bytes).toBeGreaterThan(100 * 2 ** 20);
  note(`${Math.round(bytes / 2 ** 20)} MiB in ${names?.length} processes at rest`);
});

it('refuses to start a second one, and leaves the first alone', async () => {
  await expect(startCluster(() => {})).rejects.toThrow(/^a cluster runs already, since \d{4}-/);
  expect((await clusterStatus())?.unavailable).toEqual([]);
});

it('leaves nothing behind when it is stopped, and is stopped twice without harm', async () => {
  const startedAt = performance.now();
  expect(await stopCluster()).toBe(true);
  note(`stopped in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  expect(await remainders()).toEqual([]);
  expect(await machineState()).toEqual(before);
  expect(await stopCluster()).toBe(false);
  expect(await clusterStatus()).toBeUndefined();
});

it('removes what a start left that was killed half way', async () => {
  const script = fileURLToPath(new URL('../../../scripts/cluster.ts', import.meta.url));
  const starting = spawn(process.execPath, ['--import', 'tsx', script, 'start'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface(starting.stdout)) {
    if (line.includes('installing Knative Serving')) break;
  }
  starting.kill('SIGKILL');
  expect((await clusterStatus())?.phase).toBe('starting');
  expect(await stopCluster()).toBe(true);
  expect(await machineState()).toEqual(before);
});
