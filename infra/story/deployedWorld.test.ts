import { expect, test } from 'vitest';
import { chapter } from './chapter.ts';
import { type Deployed, deployedWorld } from './deployedWorld.ts';
import { tell } from './tell.ts';
import { tokensByCommand } from './tokenCommand.ts';
import { missingIn } from './world.ts';

const api = { url: 'https://todo.example.com', headers: {} };
const bare: Deployed = { api, tokens: { of: async (id) => `of-${id}` }, patienceMs: 1, runId: '1f2e' };
const tokenOf = (claims: object) => `e.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;

test('users of a run are its own, one for each name', async () => {
  const asked: string[] = [];
  const world = deployedWorld({
    ...bare,
    tokens: {
      async of(id) {
        asked.push(id);
        return `token of ${id}`;
      },
    },
  });
  expect(await world.user('alice')).toEqual({ id: 'alice-1f2e', token: 'token of alice-1f2e' });
  await world.user('alice');
  expect(asked).toEqual(['alice-1f2e']);
  expect(world.userIds()).toEqual(['alice-1f2e']);
});

test('with one token, each name is the user whose it is, who is not new', async () => {
  const only = tokenOf({ sub: 'service-account' });
  const world = deployedWorld({ ...bare, tokens: { only } });
  expect(await world.user('alice')).toEqual({ id: 'service-account', token: only });
  expect(await world.user('bob')).toEqual({ id: 'service-account', token: only });
  expect(missingIn(world, ['newUsers'])).toEqual(['newUsers']);
});

test.each(['opaque', tokenOf({}), 'e.e.e'])('a token without a subject, such as %s, is refused', async (only) => {
  const world = deployedWorld({ ...bare, tokens: { only } });
  await expect(world.user('alice')).rejects.toThrow('the token is not a JWT with a subject');
});

test('a system offers what addresses are known of', () => {
  const needs = ['newUsers', 'admin', 'invocation', 'publish', 'receiver'] as const;
  expect(missingIn(deployedWorld(bare), needs)).toEqual(['admin', 'invocation', 'publish', 'receiver']);
  const dapr = { url: 'http://127.0.0.1:3500', apiToken: 't' };
  expect(missingIn(deployedWorld({ ...bare, dapr }), needs)).toEqual(['admin', 'receiver']);
  const receiver = { host: '127.0.0.1', port: 1, url: 'http://127.0.0.1:1/hook' };
  expect(missingIn(deployedWorld({ ...bare, dapr, admin: api, receiver }), needs)).toEqual([]);
});

test('a chapter that a world cannot have is skipped, one that fails is told, and neither stops the next', async () => {
  const lines: string[] = [];
  const ran: string[] = [];
  const chapters = [
    chapter({ title: 'publishes', needs: ['publish'], run: async () => void ran.push('publishes') }),
    chapter({ title: 'fails', run: () => Promise.reject(new Error('it did not happen')) }),
    chapter({ title: 'happens', run: async (_world, narrate) => narrate('so it was') }),
  ];
  const say = (mark: string, text: string) => void lines.push(`${mark} ${text}`);
  const outcome = await tell(chapters, deployedWorld(bare), { say, lack: () => 'a sidecar (--dapr-url)' });
  expect(outcome).toEqual({ seen: 1, failed: 1, skipped: 1 });
  expect(ran).toEqual([]);
  expect(lines).toEqual([
    ...['▶ publishes', '○ SKIPPED, for want of a sidecar (--dapr-url)'],
    ...['▶ fails', '✘ it did not happen'],
    ...['▶ happens', '  so it was', '✔ seen'],
    '✘ 1 seen, 1 failed, 1 skipped',
  ]);
});

test('chapters that are told side by side have their numbers in their lines', async () => {
  const lines: string[] = [];
  let begun = () => {};
  const second = new Promise<void>((resolve) => {
    begun = resolve;
  });
  const chapters = [
    chapter({ title: 'waits for the second', run: () => second }),
    chapter({ title: 'goes first', run: async () => begun() }),
  ];
  const say = (mark: string, text: string) => void lines.push(`${mark} ${text}`);
  await tell(chapters, deployedWorld(bare), { say, lack: () => '', atOnce: 2 });
  expect(lines.slice(0, 2)).toEqual(['▶  1  waits for the second', '▶  2  goes first']);
  expect(lines.slice(2).sort()).toEqual(['✔  1  seen', '✔  2  seen', '✔ 2 seen, 0 failed, 0 skipped']);
});

test('a chapter refuses a world that lacks what it needs', async () => {
  const { run } = chapter({ title: 'publishes', needs: ['publish', 'newUsers'], run: async () => {} });
  await expect(run(deployedWorld(bare), () => {})).rejects.toThrow('this world lacks: publish');
});

test('a token command gets the user and the scope, and its token has no line break', async () => {
  const tokens = tokensByCommand('echo "$SMOKE_USER.$SMOKE_SCOPE.s"');
  expect(await tokens('operator', 'admin')).toBe('operator.admin.s');
});

test.each([
  { command: 'exit 3', says: 'exit code 3' },
  { command: 'echo "not a token"', says: 'printed something else than a JWT for alice' },
  { command: 'true', says: 'printed nothing for alice' },
])('the token command "$command" is refused: $says', async ({ command, says }) => {
  await expect(tokensByCommand(command)('alice')).rejects.toThrow(says);
});
