import { expect, it } from 'vitest';
import { createUsers, tokenFile } from './users.ts';

it('gives each part a token of its own, and all rights to the admin only', () => {
  const users = createUsers();
  expect(new Set(Object.values(users).map(({ token }) => token)).size).toBe(5);
  const masters = Object.values(users).filter(({ groups }) => groups.includes('system:masters'));
  expect(masters.map(({ name }) => name)).toEqual(['admin']);
});

it('writes them as the API server reads them', () => {
  const user = { name: 'system:node:one', groups: ['system:nodes', 'others'], token: 'secret' };
  expect(tokenFile([user])).toBe('secret,system:node:one,system:node:one,"system:nodes,others"\n');
});
