import { mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { runCommand } from '../../real/process/command.ts';
import { type TarEntry, tarOf } from './tar.ts';

const install = 'install tar';
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tar-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function archive(entries: readonly TarEntry[]): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of tarOf(entries)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function list(entries: readonly TarEntry[]): Promise<string[]> {
  const file = join(folder, 'archive.tar');
  await writeFile(file, await archive(entries));
  return (await runCommand('tar', ['--numeric-owner', '--utc', '-tvf', file], { install })).trim().split('\n');
}

it('is what tar reads: every folder before what is in it, everything of root, at time 0', async () => {
  await writeFile(join(folder, 'program'), 'x'.repeat(513));
  await symlink('program', join(folder, 'link'));
  const lines = await list([
    { path: '/usr/bin/program', kind: 'file', mode: 0o755, source: join(folder, 'link') },
    { path: '/etc/name', kind: 'text', mode: 0o644, text: 'naïve' },
    { path: '/tmp', kind: 'folder', mode: 0o1777 },
  ]);
  expect(lines.map((line) => line.replace(/\s+/g, ' '))).toEqual([
    'drwxr-xr-x 0/0 0 1970-01-01 00:00 etc/',
    '-rw-r--r-- 0/0 6 1970-01-01 00:00 etc/name',
    'drwxrwxrwt 0/0 0 1970-01-01 00:00 tmp/',
    'drwxr-xr-x 0/0 0 1970-01-01 00:00 usr/',
    'drwxr-xr-x 0/0 0 1970-01-01 00:00 usr/bin/',
    '-rwxr-xr-x 0/0 513 1970-01-01 00:00 usr/bin/program',
  ]);
  const content = await runCommand('tar', ['-xOf', join(folder, 'archive.tar'), 'etc/name'], { install });
  expect(content).toBe('naïve');
});

it('depends on neither the order of the entries nor the times of the files', async () => {
  const source = join(folder, 'program');
  await writeFile(source, 'code');
  const program = { path: 'a/program', kind: 'file', mode: 0o755, source } as const;
  const text = { path: 'a/text', kind: 'text', mode: 0o644, text: 'text' } as const;
  const first = await archive([program, text]);
  await utimes(source, 1, 1);
  expect(await archive([text, program])).toEqual(first);
});

it('splits a long path, and refuses one that the format has no room for', async () => {
  const long = `${'folder/'.repeat(20)}name`;
  expect((await list([{ path: long, kind: 'text', mode: 0o644, text: '' }])).at(-1)).toContain(long);
  const tooLong = archive([{ path: 'n'.repeat(101), kind: 'text', mode: 0o644, text: '' }]);
  await expect(tooLong).rejects.toThrow(/nnn is too long for a tar archive$/);
});

it('refuses the same path twice', async () => {
  const text = { kind: 'text', mode: 0o644, text: '' } as const;
  const twice = archive([
    { path: '/a/b', ...text },
    { path: 'a/b', ...text },
  ]);
  await expect(twice).rejects.toThrow('a/b is in the archive twice');
});
