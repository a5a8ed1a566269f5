import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from './folderLock.ts';
import { contenders } from './testContenders.ts';

describe('the lock of a folder', () => {
  const { start, killAll } = contenders();
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'folder-lock-'));
  });
  afterEach(async () => {
    await killAll();
    await rm(folder, { recursive: true });
  });

  const inUseBy = (pid: number) =>
    `data folder ${folder} is in use by process ${pid}; stop it, or choose another folder with DATA_DIR`;

  it('is given once, even within a process, and again when it was released', async () => {
    const lock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toThrow(inUseBy(process.pid));
    await lock.release();
    await (await lockFolder(folder)).release();
    expect(await readdir(join(folder, 'lock'))).toEqual([]);
  });

  it('tells another process who has it', async () => {
    const holder = start(folder);
    expect(await holder.tell('lock')).toEqual({ done: 'lock' });
    await expect(lockFolder(folder)).rejects.toThrow(inUseBy(holder.pid));
  });

  it('is free as soon as its holder was killed, and once only', async () => {
    const [holder, next] = [start(folder), start(folder)];
    await holder.tell('lock');
    await holder.kill();
    expect(await readdir(join(folder, 'lock'))).toHaveLength(1);
    expect(await next.tell('lock')).toEqual({ done: 'lock' });
    await expect(lockFolder(folder)).rejects.toThrow(inUseBy(next.pid));
  });

  it('is free when the number of its killed holder belongs to another program now', async () => {
    const holder = start(folder);
    await holder.tell('lock');
    await holder.kill();
    const [flag] = await readdir(join(folder, 'lock'));
    const reused = `${process.ppid}-00000000`;
    await rename(join(folder, 'lock', flag as string), join(folder, 'lock', reused));
    await (await lockFolder(folder)).release();
  });

  it('stays with a holder that does not react', async () => {
    const holder = start(folder);
    await holder.tell('lock');
    process.kill(holder.pid, 'SIGSTOP');
    await expect(lockFolder(folder)).rejects.toThrow(inUseBy(holder.pid));
  });

  it('goes to exactly one of many that ask in the same instant, whether the last holder was killed or not', async () => {
    const all = Array.from({ length: 4 }, () => start(folder));
    for (let round = 0; all.length > 1; round++) {
      const reports = await Promise.all(all.map((contender) => contender.tell('lock')));
      const winners = all.filter((_, index) => 'done' in (reports[index] as object));
      expect(winners, JSON.stringify(reports)).toHaveLength(1);
      const [winner] = winners as [(typeof all)[number]];
      if (round % 2 === 1) {
        all.splice(all.indexOf(winner), 1);
        await winner.kill();
      } else {
        await winner.tell('release');
      }
    }
  });

  it('works in a folder whose path is too long for a socket', async () => {
    const deep = join(folder, 'a'.repeat(100), 'b'.repeat(100));
    await mkdir(deep, { recursive: true });
    const holder = start(deep);
    expect(await holder.tell('lock')).toEqual({ done: 'lock' });
    await expect(lockFolder(deep)).rejects.toThrow(`in use by process ${holder.pid}`);
    await holder.kill();
    await (await lockFolder(deep)).release();
  });
});
