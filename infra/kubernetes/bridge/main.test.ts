import { expect, test } from 'vitest';
import { freePort } from '../../local/listen.ts';
import { startProgram } from '../testProgram.ts';

test('without a server it ends, and says which one it can’t reach, but not the password', async () => {
  const url = `postgres://todo_app:hidden@127.0.0.1:${await freePort()}/todo`;
  const { exit, output } = startProgram('bridge', { DATABASE_URL: url, BRIDGE_PASSWORD: 'bridge', PORT: '0' });
  expect(await exit).toEqual([1, null]);
  expect(output()).toContain("can't connect to Postgres at 127.0.0.1:");
  expect(output()).not.toContain('hidden');
});
