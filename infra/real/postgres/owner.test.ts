import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { requireReachable } from './owner.ts';

/** Somebody who owns nothing here. */
const stranger = { uid: 54_321, gid: 54_321 };

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'home-'));
  await mkdir(join(home, 'project/data'), { recursive: true });
});
afterEach(() => rm(home, { recursive: true, force: true }));

it('names the folder that keeps the owner out', async () => {
  await chmod(home, 0o700);
  const reached = requireReachable(join(home, 'project/data'), stranger);
  await expect(reached).rejects.toThrow(`${home} is closed to the user (54321) that runs Postgres in root's place`);
});

it('is content where others may pass', async () => {
  await chmod(home, 0o711);
  await expect(requireReachable(join(home, 'project/data'), stranger)).resolves.toBeUndefined();
});
