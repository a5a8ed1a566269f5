import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { exclusively } from './lock.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lock-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('refuses what another is at, and says who it is', async () => {
  await exclusively(folder, async () => {
    const second = exclusively(folder, async () => {});
    await expect(second).rejects.toThrow(`process ${process.pid} is just starting or stopping the cluster`);
  });
  await expect(exclusively(folder, async () => 'done')).resolves.toBe('done');
});

it('lets go when the work fails, and leaves no empty folder', async () => {
  const run = join(folder, 'run');
  const failed = exclusively(run, () => Promise.reject(new Error('no')));
  await expect(failed).rejects.toThrow('no');
  await expect(access(run)).rejects.toThrow('ENOENT');
  await exclusively(run, () => writeFile(join(run, 'state'), ''));
  await expect(access(join(run, 'state'))).resolves.toBeUndefined();
});
