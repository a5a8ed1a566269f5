import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { daprMailer } from '../../shared/runtime/email.ts';
import { type Listening, listen } from './listen.ts';
import { type Activity, type Platform, startPlatform } from './platform.ts';
import { localSecrets } from './secrets.ts';
import { readSettings } from './settings.ts';

const anyPort = { API_PORT: '0', APP_PORT: '0', DAPR_HTTP_PORT: '0', DATABASE_PORT: '0', ISSUER_PORT: '0' };

let dataDir: string;
let platform: Platform;
const activities: Activity[] = [];
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'evolution-todo-platform-'));
  platform = await startPlatform({
    settings: readSettings({ ...anyPort, DATA_DIR: dataDir }),
    onActivity: (activity) => activities.push(activity),
  });
});
afterAll(async () => {
  await platform?.close();
  await rm(dataDir, { recursive: true, force: true });
});

describe('what keeps a platform from starting is said in a sentence, and nothing stays behind', () => {
  const start = (variables: Record<string, string>) =>
    startPlatform({ settings: readSettings({ ...anyPort, ...variables }) });

  test('a data folder that another instance uses', async () => {
    await expect(start({ DATA_DIR: dataDir })).rejects.toThrow(
      new RegExp(`data folder ${dataDir} is in use by process ${process.pid}; stop it, or choose another folder`),
    );
  });

  describe('a port that is in use', () => {
    let squatter: Listening;
    let folder: string;
    beforeAll(async () => {
      squatter = await listen(createServer(), 0);
      folder = await mkdtemp(join(tmpdir(), 'evolution-todo-platform-'));
    });
    afterAll(async () => {
      await squatter.close();
      await rm(folder, { recursive: true, force: true });
    });

    test.each(['API_PORT', 'APP_PORT', 'DAPR_HTTP_PORT', 'DATABASE_PORT', 'ISSUER_PORT'])('%s', async (name) => {
      const taken = String(squatter.port);
      await expect(start({ DATA_DIR: folder, [name]: taken })).rejects.toThrow(new RegExp(`${taken}.*in use`));
      // A second try finds everything that the first one opened closed again.
      const second = await start({ DATA_DIR: folder });
      await second.close();
    });
  });

  test('an address for the gateway that this machine does not have', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'evolution-todo-platform-'));
    // From the block that no machine has (RFC 5737).
    const elsewhere = { DATA_DIR: folder, GATEWAY_HOST: '192.0.2.1' };
    await expect(start(elsewhere)).rejects.toThrow('The gateway cannot listen on 192.0.2.1');
    await rm(folder, { recursive: true });
  });

  test('a damaged data folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'evolution-todo-platform-'));
    await (await start({ DATA_DIR: folder })).close();
    await writeFile(join(folder, 'postgres', 'data', 'PG_VERSION'), 'nonsense');
    const before = await readdir(join(folder, 'postgres', 'data'));
    await expect(start({ DATA_DIR: folder })).rejects.toThrow(join(folder, 'postgres'));
    expect(await readdir(join(folder, 'postgres', 'data'))).toEqual(before);
    await rm(folder, { recursive: true });
  });
});

test('an e-mail goes through the sidecar to where it is shown', async () => {
  const { daprApiToken: apiToken } = await localSecrets(dataDir);
  const sendEmail = daprMailer({ endpoint: platform.daprUrl, apiToken, timeoutMs: 10_000 });
  const email = { to: 'alice@example.com', subject: 'Pay the rent', text: 'It is due.' };
  expect(await sendEmail(email)).toEqual({ outcome: 'sent' });
  expect(activities).toContainEqual({ kind: 'email', recipients: ['alice@example.com'], subject: 'Pay the rent' });
});

describe('the public API', () => {
  const get = (path: string, headers: Record<string, string> = {}) => fetch(platform.apiUrl + path, { headers });

  test('does not lead to what only the sidecar may call', async () => {
    for (const path of ['/events/task-created', '/bindings/outbox-scheduler']) {
      expect((await fetch(platform.apiUrl + path, { method: 'POST' })).status).toBe(404);
    }
  });

  test('answers problem+json to what it does not know', async () => {
    const response = await get('/no/such/thing');
    expect([response.status, response.headers.get('content-type')]).toEqual([404, 'application/problem+json']);
    const wrongMethod = await fetch(`${platform.apiUrl}/tasks`, { method: 'DELETE' });
    expect([wrongMethod.status, wrongMethod.headers.get('allow')]).toEqual([405, expect.stringContaining('POST')]);
  });

  test('takes a token of the local issuer, and no request without one', async () => {
    const authorization = `Bearer ${await platform.token('demo')}`;
    expect((await get('/tasks', { authorization })).status).toBe(200);
    expect((await get('/tasks')).status).toBe(401);
  });

  test('refuses a body of more than 64 KiB, through the gateway too', async () => {
    const response = await fetch(`${platform.apiUrl}/tasks`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await platform.token('demo')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ title: 'a'.repeat(100_000) }),
    });
    expect(response.status).toBe(413);
  });
});
