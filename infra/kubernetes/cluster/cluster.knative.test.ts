import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Cluster } from './cluster.ts';
import { PUBLIC_DOMAIN } from './names.ts';
import { startCluster } from './start.ts';
import { clusterStatus } from './status.ts';
import { remainders, stopCluster } from './stop.ts';
import { testCluster } from './testCluster.ts';
import { importScript } from './testImage.ts';
import { machineState } from './testMachine.ts';

const IMAGE = 'dev.local/hello:1.0';
const HOST = `hello.default.${PUBLIC_DOMAIN}`;
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

it('scales a Knative Service from zero on a request, and back to zero', async () => {
  const { apply, atZero, call, pods } = testCluster(cluster);
  await importScript(cluster.socket, IMAGE, SCRIPT);
  await apply(service);
  await cluster.kubectl('wait', 'ksvc/hello', '--for=condition=ready', '--timeout=120s');
  await atZero('hello');

  const first = await call(HOST);
  expect(first).toMatchObject({ status: 200, body: 'uid 65532' });
  const second = await call(HOST);
  expect(second.status).toBe(200);
  expect(await pods('hello')).toHaveLength(1);
  note(`woken from zero in ${first.ms} ms, then ${second.ms} ms`);

  await atZero('hello');
});

it('has no Service under another host name', async () => {
  expect((await testCluster(cluster).call(`other.default.${PUBLIC_DOMAIN}`)).status).toBe(404);
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
