import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { freePort, listen } from '../infra/local/listen.ts';
import { type Platform, startPlatform } from '../infra/local/platform.ts';
import { readSettings } from '../infra/local/settings.ts';
import { inside } from '../infra/story/deployedWorld.ts';
import { schedules } from '../infra/story/schedules.ts';
import { runScript } from '../infra/testing/runScript.ts';
import { summaryWithout } from '../infra/testing/storySummary.ts';

/** The whole story, on a machine that may be busy. */
vi.setConfig({ testTimeout: 300_000 });

const EACH_SECOND = Object.fromEntries(Object.keys(schedules).map((binding) => [binding, '* * * * * *']));

/** A platform whose address and secrets a script finds by these variables. */
async function platformToFind(): Promise<Platform & { env: Record<string, string> }> {
  const dataDir = await mkdtemp(join(tmpdir(), 'evolution-todo-smoke-'));
  const ports = { APP_PORT: '0', DATABASE_PORT: '0', ISSUER_PORT: String(await freePort()) };
  const variables = { ...ports, API_PORT: '0', DAPR_HTTP_PORT: '0', DATA_DIR: dataDir };
  const platform = await startPlatform({ settings: readSettings(variables), schedules: EACH_SECOND });
  onTestFinished(async () => {
    await platform.close();
    await rm(dataDir, { recursive: true, force: true });
  });
  const portOf = (url: string) => new URL(url).port;
  const env = { ...variables, API_PORT: portOf(platform.apiUrl), DAPR_HTTP_PORT: portOf(platform.daprUrl) };
  return { ...platform, env };
}

test('tells the story on the local platform, says what it skips, and deletes what it created', async () => {
  const platform = await platformToFind();
  const { code, stdout, stderr } = await runScript('smoke', ['--patience', '60'], platform.env);
  expect({ code, stderr }, stdout).toEqual({ code: 0, stderr: '' });
  expect(stdout).toContain(`✔  ${summaryWithout(inside)}\n`);
  expect(stdout).toMatch(/SKIPPED, for want of a view of/);
  expect(stdout).toMatch(/SKIPPED, for want of a sidecar that may be stopped/);
  expect(stdout).not.toContain('could not be deleted');

  const users = /for user in (.+); do npm run delete-user/.exec(stdout)?.[1]?.split(' ') ?? [];
  expect(users).toEqual(expect.arrayContaining([expect.stringMatching(/^alice-[0-9a-f]{8}$/)]));
  const left = await Promise.all(
    users.flatMap((user) => ['/tasks', '/webhooks'].map((path) => list(platform, user, path))),
  );
  expect(left.flat()).toEqual([]);
});

async function list({ apiUrl, token }: Platform, user: string, path: string): Promise<unknown[]> {
  const response = await fetch(apiUrl + path, { headers: { authorization: `Bearer ${await token(user)}` } });
  const { items } = (await response.json()) as { items: unknown[] };
  return items;
}

test('fails where a system does nothing, and says what did not happen', async () => {
  const names: (string | undefined)[] = [];
  const server = createServer(({ url, headers }, response) => {
    names.push(headers.host);
    response.writeHead(url === '/openapi.json' ? 200 : 503).end('{}');
  });
  const { url, close } = await listen(server, 0);
  onTestFinished(close);
  const getToken = 'echo "e.$(printf %s "$SMOKE_USER$SMOKE_SCOPE" | tr -c a-z0-9 -).e"';
  const options = ['--token-command', getToken, '--host', 'todo.example.com', '--admin-url', url, '--patience', '1'];
  const { code, stdout } = await runScript('smoke', [`${url}/`, ...options]);
  expect(code).toBe(1);
  expect(stdout).toMatch(/POST \/tasks answers 201; seen: {"status":503/);
  expect(stdout).toMatch(/ {2}✘ {2}0 seen, [1-9][0-9]* failed, [1-9][0-9]* skipped\n/);
  expect(new Set(names)).toEqual(new Set(['todo.example.com']));
});

test.each([
  { args: ['http://127.0.0.1:1'], says: '--token-command' },
  { args: ['http://127.0.0.1:1', '--token-command', 'echo a.b.c'], says: 'connect ECONNREFUSED 127.0.0.1:1' },
  { args: ['127.0.0.1:1', '--token-command', 'echo a.b.c'], says: 'is no http:// or https:// URL' },
  {
    args: ['http://127.0.0.1:1', '--token-command', 'echo', '--admin-url', 'http://127.0.0.1:1'],
    says: 'printed nothing',
  },
  {
    args: ['http://127.0.0.1:1', '--token-command', 'echo a.b.c', '--dapr-url', 'http://127.0.0.1:1'],
    says: 'DAPR_API_TOKEN',
  },
])('$args says what to do: $says', async ({ args, says }) => {
  const { code, stdout, stderr } = await runScript('smoke', args, { TOKEN: '', DAPR_API_TOKEN: '' });
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(says);
});
