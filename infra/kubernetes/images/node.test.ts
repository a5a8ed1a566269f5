import { expect, it } from 'vitest';
import { NODE, nodeEntries } from './node.ts';

it.runIf(process.platform === 'linux')('finds Node and its C library on this machine', async () => {
  const paths = (await nodeEntries()).map(({ path }) => path);
  expect(paths).toContain(NODE);
  expect(paths.some((path) => path.includes('/libc.so'))).toBe(true);
});
