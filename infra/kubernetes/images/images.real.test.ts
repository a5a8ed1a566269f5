import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import createTask from '../../../functions/createTask/createTask.ts';
import { freePort } from '../../local/listen.ts';
import { runCommand } from '../../real/process/command.ts';
import { createTaskEnvironment as environment } from '../../testing/createTaskEnvironment.ts';
import { NODE, nodeEntries } from './node.ts';
import { NODE_VERSION } from './nodePackage.ts';
import { makeLayout, projectImages } from './projectImages.ts';
import { schedulerImage } from './schedulerImage.ts';

const note = (step: string) => process.stderr.write(`… ${step}\n`);
const isRoot = process.getuid?.() === 0;

let folder: string;
beforeAll(async () => {
  if (!isRoot) throw new Error('to run an image without a container engine takes root, who can change the root folder');
  folder = await mkdtemp(join(tmpdir(), 'images-'));
  await mkdir(join(folder, 'layout'));
  await makeLayout({
    images: [...projectImages([createTask]), await schedulerImage(note)],
    repository: 'dev.local/todo',
    version: '1.2.3',
    node: await nodeEntries(note),
    folder: join(folder, 'layout'),
  });
});
afterAll(() => isRoot && rm(folder, { recursive: true, force: true }));

const blob = (digest: string) => join(folder, 'layout/blobs', digest.replace(':', '/'));
const readBlob = async (digest: string) => JSON.parse(await readFile(blob(digest), 'utf8'));

/** Lays an image's layers out as an engine does, which adds the hosts that there are; its root folder, and how it wants to be run. */
async function unpack(name: string) {
  const index = JSON.parse(await readFile(join(folder, 'layout/index.json'), 'utf8'));
  const { digest } = index.manifests.find(
    ({ annotations }: { annotations: Record<string, string> }) =>
      annotations['io.containerd.image.name'] === `dev.local/todo/${name}:1.2.3`,
  );
  const manifest = await readBlob(digest);
  const root = await mkdtemp(join(folder, `${name}-`));
  await chmod(root, 0o755);
  for (const layer of manifest.layers) {
    await runCommand('tar', ['-xpf', blob(layer.digest), '-C', root], { install: 'install tar' });
  }
  await writeFile(join(root, 'etc/hosts'), '127.0.0.1 localhost\n10.1.2.3 database\n');
  const { config } = await readBlob(manifest.config.digest);
  return { root, config };
}

/** Runs a command as the image's user in its root folder, which it can't write to. */
function run(image: Awaited<ReturnType<typeof unpack>>, command: readonly string[], env: Record<string, string> = {}) {
  const { root, config } = image;
  const script = `root=$1 user=$2; shift 2
    mount --bind "$root" "$root" && mount -o remount,bind,ro "$root" && exec chroot --userspec="$user" "$root" "$@"`;
  const variables = Object.fromEntries(config.Env.map((line: string) => line.split(/=(.*)/s, 2)));
  const child = spawn('unshare', ['--mount', 'sh', '-c', script, 'sh', root, config.User, ...command], {
    env: { ...variables, PATH: `${variables.PATH}:/usr/sbin:/sbin`, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const finished = once(child, 'close').then(([code]) => ({ code, output }));
  return { child, finished };
}

test('an image has the pinned Node, run by a user that owns nothing, in a folder that nobody can write to', async () => {
  const image = await unpack('create-task');
  const script = `
    const { writeFileSync } = require('node:fs');
    const write = (path) => { try { writeFileSync(path, ''); } catch ({ code }) { return code; } };
    require('node:dns').lookup('database', (error, address) => console.log(JSON.stringify({
      version: process.version, user: [process.getuid(), process.getgid()], written: ['/tmp/a', '/app/a'].map(write), address,
    })));`;
  const { code, output } = await run(image, [NODE, '-e', script]).finished;
  expect([code, output && JSON.parse(output)]).toEqual([
    0,
    { version: `v${NODE_VERSION}`, user: [65532, 65532], written: ['EROFS', 'EROFS'], address: '10.1.2.3' },
  ]);
});

test('it says what is in it: the licences of Node, of the C library and of the bundle’s packages', async () => {
  const { root } = await unpack('create-task');
  const read = (path: string) => readFile(join(root, path), 'utf8');
  expect(await read('/app/licenses.txt')).toMatch(/^ {2}hono \S+: MIT$/m);
  expect(await read('/usr/share/doc/node/LICENSE')).toContain('Node.js is licensed for use as follows');
  expect(await read('/usr/share/doc/libc6/copyright')).toContain('Lesser General Public');
  expect(await read('/var/lib/dpkg/status.d/libstdc++6')).toMatch(/^Version: /m);
});

test('the image of a function starts by its entrypoint, answers, and ends when it is told to', async () => {
  const image = await unpack('create-task');
  const port = String(await freePort());
  const { child, finished } = run(image, image.config.Entrypoint, { ...environment, PORT: port });
  await vi.waitFor(async () => expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200), 20_000);
  child.kill('SIGTERM');
  expect(await finished).toEqual({ code: 0, output: '' });
});

test('the image of the router starts too', async () => {
  const image = await unpack('router');
  await mkdir(join(image.root, 'routes'));
  const routes = new URL('../base/routes.json', import.meta.url);
  await writeFile(join(image.root, 'routes/routes.json'), await readFile(routes));
  const ports = { PORT: String(await freePort()), HEALTH_PORT: String(await freePort()) };
  const { child, finished } = run(image, image.config.Entrypoint, {
    ...ports,
    ROUTES_FILE: '/routes/routes.json',
    SERVICE_DOMAIN: 'evolution-todo.svc.cluster.local',
  });
  const health = () => fetch(`http://127.0.0.1:${ports.HEALTH_PORT}/healthz`);
  await vi.waitFor(async () => expect((await health()).status).toBe(200), 20_000);
  child.kill('SIGTERM');
  expect((await finished).code).toBe(0);
});

test('the image of the bridge starts too, and names a server that it can’t reach', async () => {
  const image = await unpack('bridge');
  const env = { DATABASE_URL: `postgres://a:b@localhost:${await freePort()}/todo`, BRIDGE_PASSWORD: 'x', PORT: '0' };
  const { code, output } = await run(image, image.config.Entrypoint, env).finished;
  expect([code, output]).toEqual([1, expect.stringMatching(/can't connect to Postgres at localhost:.*ECONNREFUSED/)]);
});

test('the image of the scheduler has no need of a C library, starts, and names the folder that it can’t write to', async () => {
  const image = await unpack('scheduler');
  expect(await readdir(image.root)).not.toContain('lib');
  expect(await readFile(join(image.root, 'licenses.txt'), 'utf8')).toMatch(/^ {2}github\.com\/dapr\/dapr v\S+$/m);
  const ports = await Promise.all(
    ['port', 'healthz-port', 'etcd-client-port'].map(async (name) => `--${name}=${await freePort()}`),
  );
  const flags = ['--id=a', `--etcd-initial-cluster=a=http://127.0.0.1:${await freePort()}`, '--etcd-data-dir=/data'];
  const { finished } = run(image, [...image.config.Entrypoint, ...flags, ...ports, '--enable-metrics=false']);
  const { output } = await finished;
  expect(output).toContain('Starting Dapr Scheduler Service -- version 1.16.0');
  expect(output).toMatch(/\/data\S*: read-only file system/);
});
