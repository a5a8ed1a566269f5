import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cachedFolder } from './cache.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cache-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const fail = () => Promise.reject(new Error('filled twice'));
const onWait = () => {};

it('fills a folder once and keeps it', async () => {
  const fill = (folder: string) => writeFile(join(folder, 'program'), 'code');
  const folder = await cachedFolder({ name: 'daprd/1', root, fill, onWait });
  expect(folder).toBe(join(root, 'evolution-todo/daprd/1'));
  expect(await cachedFolder({ name: 'daprd/1', root, fill: fail, onWait })).toBe(folder);
  expect(await readFile(join(folder, 'program'), 'utf8')).toBe('code');
});

it('lets the second of two wait for the first', async () => {
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const started = new Promise<void>((resolve) => {
    const first = cachedFolder({
      name: 'daprd/1',
      root,
      onWait,
      fill: () => Promise.resolve(resolve()).then(() => finished),
    });
    void first;
  });
  await started;
  const waited: number[] = [];
  const second = cachedFolder({
    name: 'daprd/1',
    root,
    fill: fail,
    onWait(seconds) {
      waited.push(seconds);
      finish();
    },
  });
  await expect(second).resolves.toBe(join(root, 'evolution-todo/daprd/1'));
  expect(waited.length).toBeGreaterThan(0);
});

it('leaves nothing of a folder that could not be filled, and fills it the next time', async () => {
  const breakOff = async (folder: string) => {
    await writeFile(join(folder, 'half'), '');
    throw new Error('no space left');
  };
  await expect(cachedFolder({ name: 'daprd/1', root, fill: breakOff, onWait })).rejects.toThrow('no space left');
  expect((await readdir(join(root, 'evolution-todo/daprd'))).filter((name) => !name.endsWith('.lock'))).toEqual([]);
  await cachedFolder({ name: 'daprd/1', root, fill: async () => {}, onWait });
});
