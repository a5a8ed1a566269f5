import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Platform, startPlatform } from '../infra/local/platform.ts';
import { localSecrets } from '../infra/local/secrets.ts';
import { readSettings } from '../infra/local/settings.ts';
import { runScript } from '../infra/testing/runScript.ts';
import { taskSnapshot } from '../infra/testing/taskSnapshot.ts';
import { catalogue, deadLetterTopic, PUBSUB_NAME } from '../shared/events/catalogue.ts';
import { type TaskEvent, toCloudEvent } from '../shared/events/event.ts';

/** Each run of the script is a process of its own, which takes seconds on a busy machine. */
vi.setConfig({ testTimeout: 120_000 });
const PATIENCE = { timeout: 30_000, interval: 200 };

const anyPort = { API_PORT: '0', APP_PORT: '0', DAPR_HTTP_PORT: '0', DATABASE_PORT: '0', ISSUER_PORT: '0' };
const { topic } = catalogue['task.created'];

let dataDir: string;
let platform: Platform;
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'evolution-todo-dead-letters-'));
  platform = await startPlatform({ settings: readSettings({ ...anyPort, DATA_DIR: dataDir }) });
});
afterAll(async () => {
  await platform?.close();
  await rm(dataDir, { recursive: true, force: true });
});

const run = (args: readonly string[], env: Record<string, string>) => runScript('deadLetters', args, env);
const asAdmin = async (...args: string[]) =>
  run(args, { API_URL: platform.apiUrl, API_TOKEN: await platform.token('root', 'admin') });

async function publish(to: string, body: string, query = ''): Promise<void> {
  const response = await fetch(`${platform.daprUrl}/v1.0/publish/${PUBSUB_NAME}/${to}${query}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/cloudevents+json',
      'dapr-api-token': (await localSecrets(dataDir)).daprApiToken,
    },
    body,
  });
  expect(response.status).toBe(204);
}

const event: TaskEvent<'task.created'> = {
  event_id: randomUUID(),
  event_type: 'task.created',
  timestamp: new Date().toISOString(),
  user_id: 'alice',
  task_id: randomUUID(),
  data: taskSnapshot(),
};
const envelope = toCloudEvent(event, { source: '/test' });

/** What the script lists, once the API has that many letters. */
async function listed(count: number): Promise<string> {
  const headers = { authorization: `Bearer ${await platform.token('root', 'admin')}` };
  await vi.waitFor(async () => {
    const response = await fetch(`${platform.apiUrl}/admin/dead-letters`, { headers });
    expect(((await response.json()) as { items: unknown[] }).items).toHaveLength(count);
  }, PATIENCE);
  return (await asAdmin('list')).stdout;
}
const idOf = (list: string, what: RegExp) =>
  list
    .split('\n')
    .find((line) => what.test(line))
    ?.slice(0, 36) ?? 'none';
const messages = async () => {
  const headers = { authorization: `Bearer ${await platform.token('alice')}` };
  const response = await fetch(`${platform.apiUrl}/notifications`, { headers });
  return ((await response.json()) as { items: { message: string }[] }).items.map(({ message }) => message);
};

test('what no function could take is listed with its reason, shown, and replayed once in effect', async () => {
  expect((await asAdmin('list')).stdout).toBe('There are none.\n');

  await publish(topic, JSON.stringify({ ...envelope, id: 'poison', data: 'poison' }));
  await publish(topic, 'esc\u001b[2J', '?metadata.rawPayload=true');
  await publish(deadLetterTopic(topic), JSON.stringify(envelope), `?metadata.partitionKey=${event.task_id}`);
  const list = await listed(3);
  expect(list).toMatch(/data: Invalid input/);
  expect(list).toMatch(/It is not JSON/);
  expect(list).toMatch(/waiting +1× +task\.created +alice\n +Unknown: no function recorded/);

  const id = idOf(list, /alice/);
  const shown = await asAdmin('show', id);
  expect(shown.stdout).toContain(`partitionKey    ${event.task_id}`);
  expect(shown.stdout).toContain('"title": "Buy milk"');
  const unreadable = idOf(list, /\? in evolution-todo\.tasks\.created/);
  expect((await asAdmin('show', unreadable)).stdout).toContain('esc\\u{1b}[2J\n');

  expect(await asAdmin('replay', id, id)).toMatchObject({ code: 0, stdout: `${id}  replayed\n${id}  replayed\n` });
  await vi.waitFor(async () => expect(await messages()).toEqual(['New task: Buy milk']), PATIENCE);

  const rest = await asAdmin('replay', '--all');
  expect(rest.code).toBe(1);
  expect(rest.stdout).toMatch(/It cannot be replayed: .*\n.*It cannot be replayed: /);
  expect(rest.stdout).not.toContain(id);
  expect((await asAdmin('list', '--all')).stdout).toMatch(/replayed +1× +task\.created +alice/);
  expect(await messages()).toEqual(['New task: Buy milk']);
});

test('what is missing is said: the letter, the token, its scope, the API', async () => {
  const id = randomUUID();
  expect(await asAdmin('replay', id)).toMatchObject({ code: 1, stdout: `${id}  There is no such dead letter.\n` });
  expect(await run(['list', '--api', platform.apiUrl], {})).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('give it by --token or API_TOKEN'),
  });
  expect(await run(['list', '--api', platform.apiUrl, '--token', await platform.token('alice')], {})).toMatchObject({
    code: 1,
    stderr: '403: A token with the scope "admin" is needed.\n',
  });
  expect(await run(['list', '--api', 'http://127.0.0.1:9', '--token', 't'], {})).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('http://127.0.0.1:9 cannot be reached'),
  });
});

test.each([
  [['--help'], 0],
  [['replay'], 1],
  [['replay', '--all', 'x'], 1],
])('it explains itself to %j', async (args, code) => {
  const { stdout, stderr, ...result } = await run(args, {});
  expect(result.code).toBe(code);
  expect(stdout + stderr).toContain('usage: npm run -s dead-letters -- list');
});
