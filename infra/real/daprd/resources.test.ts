import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { copyResources } from './resources.ts';

const resources = fileURLToPath(new URL('../../dapr', import.meta.url));

let copy: string;
beforeEach(async () => {
  copy = await mkdtemp(join(tmpdir(), 'resources-'));
});
afterEach(() => rm(copy, { recursive: true, force: true }));

const parse = async (folder: string, file: string) =>
  parseAllDocuments(await readFile(join(folder, file), 'utf8')).map((document) => document.toJS());

it('replaces the schedules that are given, and nothing else', async () => {
  await copyResources(resources, copy, { 'reminder-scheduler': '*/4 * * * * *' });
  const files = (await readdir(resources)).filter((name) => name.endsWith('.yaml')).sort();
  expect((await readdir(copy)).sort()).toEqual(files);
  for (const file of files.filter((name) => name !== 'cron.yaml')) {
    expect(await parse(copy, file)).toEqual(await parse(resources, file));
  }
  const bindings = await parse(resources, 'cron.yaml');
  const reminder = bindings.find(({ metadata }) => metadata.name === 'reminder-scheduler');
  reminder.spec.metadata.find(({ name }: { name: string }) => name === 'schedule').value = '*/4 * * * * *';
  expect(await parse(copy, 'cron.yaml')).toEqual(bindings);
});

it('refuses a schedule for a binding that is not there', async () => {
  const copying = copyResources(resources, copy, { 'reminder-schedular': '* * * * *' });
  await expect(copying).rejects.toThrow(`${resources} has no cron binding named reminder-schedular`);
});
