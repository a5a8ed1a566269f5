import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { createOrphanReaper } from '../local/gateway/orphanReaper.ts';
import { freePort } from '../local/listen.ts';
import { buildDaprd } from '../real/daprd/build.ts';
import { buildScheduler } from '../real/scheduler/build.ts';
import { createScheduler, schedulerAddress } from '../real/scheduler/scheduler.ts';
import { daprdOfManifest, mountConfigMap, yamlFiles } from './podOfDaprd.ts';
import { startRouter } from './router/router.ts';
import { readTable } from './router/table.ts';

// A real daprd with the arguments and the files of its pod, and no broker: its events stay in memory.

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const manifest = pathOf('base/daprd.yaml');
const tokens = { DAPR_API_TOKEN: 'api', APP_API_TOKEN: 'app' };
const topic = 'evolution-todo.tasks.created';
const reaper = createOrphanReaper();

let program: string;
let folder: string;
let files: Record<string, string>;
beforeAll(async () => {
  program = await buildDaprd((step) => process.stderr.write(`… ${step}\n`));
  files = { ...(await yamlFiles(pathOf('../dapr'))), ...(await yamlFiles(pathOf('../dapr/variants/in-memory'))) };
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pod-'));
  await mountConfigMap(join(folder, 'resources'), files);
  await mountConfigMap(join(folder, 'configuration'), {
    'config.yaml': await readFile(pathOf('../real/daprd/config.yaml'), 'utf8'),
  });
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
});
afterAll(() => reaper.close());

/** Knative's ingress with all functions behind it, and the paths that it was asked for, once each for every try. */
async function ingress(answer: RequestListener) {
  const asked: { path: string | undefined; headers: Record<string, unknown> }[] = [];
  const server = createServer((request, response) => {
    asked.push({ path: request.url, headers: request.headers });
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const triesOf = (path: string) => asked.filter((each) => each.path === path).length;
  return { port: (server.address() as AddressInfo).port, asked, triesOf };
}

async function routerBefore(port: number): Promise<number> {
  const table = readTable(await readFile(pathOf('base/routes.json'), 'utf8'));
  const addressOf = () => ({ host: 'localhost', port });
  const router = await startRouter({ table, addressOf, port: 0, healthPort: 0, graceMs: 1_000 });
  onTestFinished(() => router.close());
  return Number(new URL(router.url).port);
}

async function startDaprd(appPort: number, scheduler?: string) {
  const daprd = await daprdOfManifest({
    program,
    manifest,
    resourcesPath: join(folder, 'resources'),
    configPath: join(folder, 'configuration', 'config.yaml'),
    appPort,
    ...(scheduler && { scheduler }),
    env: { ...tokens, DAPR_HOST_IP: '127.0.0.1' },
    logFile: join(folder, 'daprd.log'),
    reaper,
  });
  onTestFinished(() => daprd.kill());
  await daprd.start();
  return daprd;
}

async function publish(url: string): Promise<void> {
  const event = { specversion: '1.0', id: crypto.randomUUID(), type: 'task.created', source: '/test', data: {} };
  const response = await fetch(`${url}/v1.0/publish/taskevents/${topic}`, {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json', 'dapr-api-token': tokens.DAPR_API_TOKEN },
    body: JSON.stringify(event),
  });
  expect(response.status).toBe(204);
}

/** Like an ingress that was started a moment ago: it knows no route for so many deliveries, and then all of them. */
function notYet(deliveries: number): RequestListener {
  let left = deliveries;
  return ({ url }, response) => {
    // The ticks of a full minute are no deliveries.
    if (url === '/events/task-created') left -= 1;
    response.writeHead(left < 0 ? 200 : 404).end();
  };
}

test('an ingress that has not loaded its routes loses no event', async () => {
  const { port, triesOf } = await ingress(notYet(3));
  const { url } = await startDaprd(await routerBefore(port));
  await publish(url);
  await vi.waitFor(() => expect(triesOf('/events/task-created')).toBeGreaterThanOrEqual(4), 20_000);
  expect(triesOf('/events/dead-letter')).toBe(0);
});

test('without the router, daprd would believe its 404 and give the event up at once', async () => {
  const { port, triesOf } = await ingress(notYet(1));
  const { url } = await startDaprd(port);
  await publish(url);
  await vi.waitFor(() => expect(triesOf('/events/dead-letter')).toBe(1), 20_000);
  expect(triesOf('/events/task-created')).toBe(1);
});

test('it is healthy, asks no function for anything at its start, and shows its metrics', async () => {
  const { port, asked } = await ingress((_, response) => response.end());
  const { url, metricsUrl } = await startDaprd(await routerBefore(port));
  expect((await fetch(`${url}/v1.0/healthz/outbound`)).status).toBe(204);
  expect(asked.filter(({ path }) => !path?.startsWith('/bindings/'))).toEqual([]);
  expect(await (await fetch(metricsUrl)).text()).toContain('dapr_runtime_component_loaded');
});

test('while its scheduler is away it is healthy by what its probes ask, and delivers events', async () => {
  const { port, triesOf } = await ingress((_, response) => response.end());
  const { url } = await startDaprd(await routerBefore(port), `127.0.0.1:${await freePort()}`);
  const healthOf = async (path: string) => {
    const response = await fetch(`${url}/v1.0/healthz${path}`);
    return `${response.status} ${await response.text()}`;
  };
  // Time and again, since daprd goes on trying.
  for (const _ of [1, 2, 3]) {
    await vi.waitFor(async () => expect(await healthOf('')).toMatch(/^500 .*\[scheduler-watch-hosts\]/), 20_000);
    expect(await healthOf('/outbound')).toBe('204 ');
    await publish(url);
  }
  await vi.waitFor(() => expect(triesOf('/events/task-created')).toBe(3), 20_000);
});

test('a job comes by the router to its function', async () => {
  const { port, asked, triesOf } = await ingress((_, response) => response.end());
  const ports = {
    api: await freePort(),
    health: await freePort(),
    etcdClient: await freePort(),
    etcdPeer: await freePort(),
  };
  const scheduler = await createScheduler({
    program: await buildScheduler((step) => process.stderr.write(`… ${step}\n`)),
    folder: join(folder, 'jobs'),
    ports,
    logFile: join(folder, 'scheduler.log'),
    reaper,
    onActivity: () => {},
  });
  onTestFinished(() => scheduler.kill());
  await scheduler.start();
  const { url } = await startDaprd(await routerBefore(port), schedulerAddress(ports));
  await vi.waitFor(async () => {
    const response = await fetch(`${url}/v1.0/jobs/wake-up`, {
      method: 'POST',
      headers: { 'dapr-api-token': tokens.DAPR_API_TOKEN },
      body: JSON.stringify({ dueTime: '1s', data: {}, overwrite: true }),
    });
    expect(response.status).toBe(204);
  }, 20_000);
  await vi.waitFor(() => expect(triesOf('/job/wake-up')).toBe(1), 20_000);
  expect(asked.at(-1)?.headers).toMatchObject({ 'dapr-api-token': tokens.APP_API_TOKEN });
});

test('without its tokens nobody publishes, and functions can tell the sidecar from others', async () => {
  const { port, asked } = await ingress((_, response) => response.end());
  const { url } = await startDaprd(await routerBefore(port));
  expect((await fetch(`${url}/v1.0/publish/taskevents/${topic}`, { method: 'POST', body: '{}' })).status).toBe(401);
  await publish(url);
  await vi.waitFor(() => expect(asked.map(({ path }) => path)).toContain('/events/task-created'), 20_000);
  const delivery = asked.find(({ path }) => path === '/events/task-created');
  expect(delivery?.headers).toMatchObject({ 'dapr-api-token': tokens.APP_API_TOKEN, host: 'localhost' });
});
