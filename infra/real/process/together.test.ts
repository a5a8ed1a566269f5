import { expect, test } from 'vitest';
import { startTogether } from './together.ts';

test('parts are ended in the opposite order, once', async () => {
  const ended: string[] = [];
  const { name, close } = await startTogether(async (closers) => {
    closers.push(
      () => ended.push('first'),
      async () => ended.push('second'),
    );
    return { name: 'both' };
  });
  expect([name, ended]).toEqual(['both', []]);
  await close();
  await close();
  expect(ended).toEqual(['second', 'first']);
});

test('where one cannot start, those before it are ended, and its error is told', async () => {
  const ended: string[] = [];
  const starting = startTogether(async (closers) => {
    closers.push(() => ended.push('first'));
    throw new Error('the port is in use');
  });
  await expect(starting).rejects.toThrow('the port is in use');
  expect(ended).toEqual(['first']);
});
