import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { localSecrets } from './secrets.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'evolution-todo-secrets-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('secrets are made once, kept, and readable by their owner alone', async () => {
  const made = await localSecrets(folder);
  expect(await localSecrets(folder)).toEqual(made);
  expect((await stat(join(folder, 'secrets.json'))).mode & 0o777).toBe(0o600);
});

test('a secret that came later is added to those of an earlier version, which stay', async () => {
  const path = join(folder, 'secrets.json');
  const { webhookSecretsKey, ...earlier } = await localSecrets(folder);
  await writeFile(path, JSON.stringify(earlier));
  const completed = await localSecrets(folder);
  expect(completed).toEqual({ ...earlier, webhookSecretsKey: expect.any(String) });
  expect(completed.webhookSecretsKey).not.toBe(webhookSecretsKey);
  expect(await localSecrets(folder)).toEqual(completed);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('of two that make them at once, both get the same', async () => {
  const [first, ...others] = await Promise.all([localSecrets(folder), localSecrets(folder), localSecrets(folder)]);
  for (const other of others) expect(other).toEqual(first);
  expect(await readdir(folder)).toEqual(['secrets.json']);
});

test.each(['', '{', '{}', '{"databasePassword":1}'])(
  'a damaged file (%s) is named and left as it is',
  async (content) => {
    await writeFile(join(folder, 'secrets.json'), content);
    await expect(localSecrets(folder)).rejects.toThrow(/secrets\.json is damaged/);
  },
);
