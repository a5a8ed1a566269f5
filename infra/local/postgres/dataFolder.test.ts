import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureDataFolder } from './dataFolder.ts';

describe('a data folder', () => {
  let parent: string;
  let folder: string;
  beforeEach(async () => {
    parent = await mkdtemp(join(tmpdir(), 'data-folder-'));
    folder = join(parent, 'data');
  });
  afterEach(() => rm(parent, { recursive: true }));

  const create = async (place: string) => {
    expect(await readdir(place)).toEqual([]);
    await writeFile(join(place, 'PG_VERSION'), '18\n');
  };
  const never = () => expect.fail('it should not have created anything');

  it('is created where there is none, or an empty one', async () => {
    await ensureDataFolder(folder, create);
    expect(await readFile(join(folder, 'PG_VERSION'), 'utf8')).toBe('18\n');
    await rm(join(folder, 'PG_VERSION'));
    await ensureDataFolder(folder, create);
    expect(await readdir(parent)).toEqual(['data']);
  });

  it('is left alone where there is one', async () => {
    await ensureDataFolder(folder, create);
    await ensureDataFolder(folder, never);
  });

  it('is never created over something else, which the error names', async () => {
    await mkdir(join(folder, 'base'), { recursive: true });
    for (const file of ['a', 'c', 'd']) await writeFile(join(folder, file), '');
    await expect(ensureDataFolder(folder, never)).rejects.toThrow(
      `data folder ${folder} is damaged, or no data folder: it has no PG_VERSION, but a, base, c and 1 more. Restore it`,
    );
    expect(await readdir(folder)).toHaveLength(4);
  });

  it('is not there when its creation failed', async () => {
    const failing = async (place: string) => {
      await writeFile(join(place, 'PG_VERSION'), '18\n');
      throw new Error('no space left on device');
    };
    await expect(ensureDataFolder(folder, failing)).rejects.toThrow('no space left on device');
    expect(await readdir(parent)).toEqual([]);
  });

  it('is created anew, and the remains removed, when a creation was killed', async () => {
    await mkdir(join(parent, 'data-creating-x1'));
    await writeFile(join(parent, 'data-creating-x1', 'PG_VERSION'), '18\n');
    await ensureDataFolder(folder, create);
    expect(await readdir(parent)).toEqual(['data']);
  });
});
