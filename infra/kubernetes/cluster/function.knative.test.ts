import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import createTask from '../../../functions/createTask/createTask.ts';
import project from '../../../package.json' with { type: 'json' };
import { bundleAll } from '../../bundle/bundleAll.ts';
import { AUDIENCE, issuerUrl } from '../../local/issuer.ts';
import { freePort } from '../../local/listen.ts';
import { type Platform, startPlatform } from '../../local/platform.ts';
import { localSecrets } from '../../local/secrets.ts';
import { readSettings } from '../../local/settings.ts';
import { makeImages, projectImages } from '../images/projectImages.ts';
import type { Cluster } from './cluster.ts';
import { importImages } from './containerImages.ts';
import { PUBLIC_DOMAIN } from './names.ts';
import { type Relay, relayToLoopback } from './relay.ts';
import { startCluster } from './start.ts';
import { stopCluster } from './stop.ts';
import { testCluster } from './testCluster.ts';

const SYSTEM = 'evolution-todo';
const REPOSITORY = 'dev.local/evolution-todo';
const HOST = `create-task.${SYSTEM}.${PUBLIC_DOMAIN}`;

const note = (line: string) => process.stderr.write(`… ${line}\n`);

let folder: string;
let platform: Platform;
let cluster: Cluster;
const relays: Relay[] = [];

beforeAll(async () => {
  await bundleAll();
  folder = await mkdtemp(join(tmpdir(), 'evolution-todo-'));
  cluster = await startCluster(note);
});
afterAll(async () => {
  await Promise.all(relays.map((relay) => relay.close()));
  await platform?.close();
  await stopCluster();
  await rm(folder, { recursive: true, force: true });
});

/** A way for the function to a part of the platform, which listens on loopback. */
async function relayed(url: string): Promise<string> {
  const { port, pathname } = new URL(url);
  const relay = await relayToLoopback(Number(port));
  relays.push(relay);
  return `http://${cluster.machineAddress}:${relay.port}${pathname.replace(/\/$/, '')}`;
}

/** What the Service of a function refers to, and the Service itself. */
async function objectsOf(issuerPort: number): Promise<object[]> {
  const metadata = { name: SYSTEM, namespace: SYSTEM };
  const { databasePassword, daprApiToken } = await localSecrets(folder);
  const service = parse(await readFile('knative/create-task.yaml', 'utf8'));
  const [container] = service.spec.template.spec.containers;
  container.image = container.image.replace(SYSTEM, REPOSITORY);
  delete service.metadata.labels['networking.knative.dev/visibility'];
  service.spec.template.metadata.annotations['autoscaling.knative.dev/window'] = '6s';
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: SYSTEM, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      stringData: {
        DATABASE_URL: `postgres://evolution_todo:${databasePassword}@localhost/evolution_todo`,
        DAPR_API_TOKEN: daprApiToken,
      },
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
      data: {
        DATABASE_FETCH_ENDPOINT: `${await relayed(platform.databaseEndpoint)}`,
        JWKS_URL: await relayed(`${issuerUrl(issuerPort)}/.well-known/jwks.json`),
        JWT_ISSUER: issuerUrl(issuerPort),
        JWT_AUDIENCE: AUDIENCE,
        DAPR_HTTP_ENDPOINT: await relayed(platform.daprUrl),
      },
    },
    service,
  ];
}

it('runs a function in an image of its own: at zero, woken by a request, and at zero again', async () => {
  const { apply, atZero, call } = testCluster(cluster);
  const issuerPort = await freePort();
  platform = await startPlatform({
    settings: readSettings({
      ...{ API_PORT: '0', APP_PORT: '0', DAPR_HTTP_PORT: '0', DATABASE_PORT: '0' },
      ISSUER_PORT: String(issuerPort),
      DATA_DIR: folder,
    }),
  });
  const images = await makeImages({
    images: projectImages([createTask]).filter(({ bundle }) => bundle === createTask.name),
    repository: REPOSITORY,
    version: project.version,
    onProgress: note,
    folder: await mkdtemp(join(folder, 'images-')),
  });
  note(`the image's archive has ${Math.round((await stat(images.archive)).size / 2 ** 20)} MiB`);
  await importImages(cluster.socket, images.archive);
  await apply(...(await objectsOf(issuerPort)));
  await cluster.kubectl('wait', 'ksvc/create-task', '-n', SYSTEM, '--for=condition=ready', '--timeout=120s');
  await atZero('create-task');

  const token = await platform.token('alice');
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const create = (title: string) =>
    call(HOST, { path: '/tasks', method: 'POST', headers, body: JSON.stringify({ title }) });
  const [first, second] = [await create('Buy milk'), await create('Buy bread')];
  note(`createTask answers after ${first.ms} ms from zero, then after ${second.ms} ms`);
  expect([first.status, second.status]).toEqual([201, 201]);
  const { id } = JSON.parse(first.body);
  const stored = await fetch(`${platform.apiUrl}/tasks/${id}`, { headers });
  expect(await stored.json()).toMatchObject({ title: 'Buy milk', status: 'open' });
  expect((await call(HOST, { path: '/tasks', method: 'POST' })).status).toBe(401);

  await atZero('create-task');
});
