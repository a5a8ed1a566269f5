import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findServer } from './binaries.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'binaries-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** Puts programs in place that say they are of this version of Postgres. */
async function install(version: string): Promise<void> {
  const folder = join(root, version, 'bin');
  await mkdir(folder, { recursive: true });
  for (const program of ['initdb', 'postgres']) {
    await writeFile(join(folder, program), `#!/bin/sh\necho "postgres (PostgreSQL) ${version}"\n`);
    await chmod(join(folder, program), 0o755);
  }
}

const find = (version?: number) => findServer(version, [join(root, '*', 'bin'), join(root, 'absent')]);

it('takes the newest server', async () => {
  for (const version of ['9.6.24', '15.14', '17.2 (Debian 17.2-1.pgdg120+1)', '18beta1']) await install(version);
  expect(await find()).toEqual({
    version: 18,
    initdb: join(root, '18beta1/bin/initdb'),
    postgres: join(root, '18beta1/bin/postgres'),
  });
});

it('takes the one of the version that the data was made with', async () => {
  for (const version of ['15.14', '17.2']) await install(version);
  expect((await find(15)).version).toBe(15);
  await expect(find(16)).rejects.toThrow('the data needs the Postgres server 16, found: 15, 17');
});

it('says what to install where there is none, or only one that is too old', async () => {
  await expect(find()).rejects.toThrow('Postgres is missing: install Postgres 14 or later (Debian: postgresql)');
  await install('13.9');
  await expect(find()).rejects.toThrow('this Postgres is too old (13): install Postgres 14 or later');
});
