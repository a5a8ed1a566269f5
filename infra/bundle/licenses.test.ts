import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Metafile } from 'esbuild';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { bundlePath } from './bundle.ts';
import { licenseList, packageLicenses } from './licenses.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'licenses-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function installed(name: string, files: Record<string, string>): Promise<void> {
  const path = join(folder, 'node_modules', name);
  await mkdir(path, { recursive: true });
  for (const [file, text] of Object.entries(files)) await writeFile(join(path, file), text);
}

const described = (license?: string) => JSON.stringify({ name: 'leaf', version: '1.2.3', license });

/** Of a bundle of one output for each list, which has so many bytes of each input. */
function metafile(...outputs: Record<string, number>[]): Metafile {
  const entries = outputs.map((inputs, index) => {
    const used = Object.entries(inputs).map(([path, bytesInOutput]) => [path, { bytesInOutput }]);
    return [`${index}.js`, { bytes: 0, imports: [], exports: [], inputs: Object.fromEntries(used) }];
  });
  return { inputs: {}, outputs: Object.fromEntries(entries) };
}

const ofLeaf = () => packageLicenses(metafile({ 'node_modules/leaf/index.js': 7 }), folder);

it('lists in dist what is in a bundle and in its chunks, and nothing else', async () => {
  const list = await readFile(join(dirname(bundlePath('createTask')), 'licenses.txt'), 'utf8');
  const names = [...list.matchAll(/^ {2}(\S+) \S+: \S+$/gm)].map(([, name]) => name);
  expect(names).toEqual(expect.arrayContaining(['@dapr/dapr', '@neondatabase/serverless', 'hono', 'jose', 'zod']));
  // Telemetry is a chunk of its own.
  expect(names).toContain('@opentelemetry/sdk-metrics');
  expect(names).not.toContain('pg');
  expect(list).toContain('Copyright (c) 2021 - present, Yusuke Wada and Hono contributors');

  const ofBridge = await readFile(join(dirname(bundlePath('bridge')), 'licenses.txt'), 'utf8');
  expect(ofBridge).toMatch(/^ {2}pg \S+: MIT$/m);
  expect(ofBridge).not.toMatch(/^ {2}hono /m);
});

it('counts what is in any output, and not what was only looked at', async () => {
  await installed('leaf', { 'package.json': described('MIT'), LICENSE: 'the text' });
  await installed('@a/b', {
    'package.json': '{"name":"@a/b","version":"1.0.0","license":"ISC"}',
    'license.md': 'other',
  });
  const inputs = [{ 'shared/a.ts': 1, 'node_modules/leaf/a.js': 0 }, { 'node_modules/@a/b/c/d.js': 3 }];
  const licenses = await packageLicenses(metafile(...inputs), folder);
  expect(licenses).toEqual([{ name: '@a/b', version: '1.0.0', license: 'ISC', text: 'other' }]);
});

it('takes the text from a notice too, from the README, or from those that need no name', async () => {
  await installed('leaf', { 'package.json': described('MIT'), LICENSE: 'the text\n', NOTICE: 'the notice\n' });
  expect(await ofLeaf()).toMatchObject([{ text: 'the text\n\nthe notice' }]);
  await rm(join(folder, 'node_modules/leaf'), { recursive: true });
  const readme = '# leaf\n\n## License\n\nCopyright (c) Nobody\n\nWITHOUT WARRANTY\n\n## Thanks\n';
  await installed('leaf', { 'package.json': described('MIT'), 'README.md': readme });
  expect(await ofLeaf()).toMatchObject([{ text: 'Copyright (c) Nobody\n\nWITHOUT WARRANTY' }]);
  await installed('leaf', { 'package.json': described('apache-2.0'), 'README.md': '' });
  expect(await ofLeaf()).toMatchObject([{ text: expect.stringContaining('Version 2.0, January 2004') }]);
});

it('refuses a package without a licence, or without its text', async () => {
  await installed('leaf', { 'package.json': described(), LICENSE: 'the text' });
  await expect(ofLeaf()).rejects.toThrow('leaf 1.2.3 goes into a bundle, and its package.json names no licence');
  await rm(join(folder, 'node_modules/leaf/LICENSE'));
  await installed('leaf', { 'package.json': described('MIT'), 'README.md': '## License\n\nMIT\n' });
  await expect(ofLeaf()).rejects.toThrow(
    /^leaf 1\.2\.3 goes into a bundle, and there is no text of its licence \(MIT\)/,
  );
});

it('prints a text that packages share once', () => {
  const [a, b] = ['a', 'b'].map((name) => ({ name, version: '1', license: 'MIT', text: 'the text' }));
  const list = licenseList([a, b].filter((each) => each !== undefined));
  expect(list.match(/the text/g)).toHaveLength(1);
  expect(list).toContain('a 1\nb 1\n\nthe text');
});
