import { access, readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { APP_ID } from './generate/dapr.ts';
import { readSettings, settingsSchema } from './local/settings.ts';

// The Dapr CLI passes over what it doesn't know without a word, so names are held here.
const runFile = z.strictObject({
  version: z.literal(1),
  common: z.strictObject({
    resourcesPaths: z.tuple([z.string()]),
    configFilePath: z.string(),
    apiListenAddresses: z.literal('127.0.0.1'),
    placementHostAddress: z.literal(''),
    schedulerHostAddress: z.literal(' '),
    appLogDestination: z.literal('console'),
    daprdLogDestination: z.literal('console'),
  }),
  apps: z.tuple([
    z.strictObject({
      appID: z.literal(APP_ID),
      appDirPath: z.string(),
      appPort: z.int(),
      daprHTTPPort: z.int(),
      command: z.array(z.string()),
      env: z.record(z.string(), z.string()),
    }),
  ]),
});

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const readRunFile = async () => runFile.parse(parse(await readFile(pathOf('dapr.yaml'), 'utf8')));

test('daprd is given the resources, and its configuration', async () => {
  const { common } = await readRunFile();
  expect(common.resourcesPaths).toEqual(['dapr/variants/without-scheduler']);
  const resources = async (folder: string) => (await readdir(pathOf(folder))).filter((name) => name.endsWith('.yaml'));
  const read = (folder: string, name: string) => readFile(pathOf(`${folder}/${name}`), 'utf8');
  const [folder] = common.resourcesPaths;
  expect(await resources(folder)).toEqual(await resources('dapr'));
  for (const name of await resources('dapr')) {
    expect((await read(folder, name)) === (await read('dapr', name)), name).toBe(name !== 'cron.yaml');
  }
  await expect(access(pathOf(common.configFilePath))).resolves.toBeUndefined();
});

test('the system is started as "npm start" starts it, and uses the sidecar that stands beside it', async () => {
  const [{ appDirPath, appPort, daprHTTPPort, command, env }] = (await readRunFile()).apps;
  const { scripts } = JSON.parse(await readFile(pathOf(`${appDirPath}/package.json`), 'utf8'));
  expect(command).toEqual(['node', '--import', ...scripts.start.split(' ')]);

  expect(Object.keys(settingsSchema.shape)).toEqual(expect.arrayContaining(Object.keys(env)));
  const settings = readSettings({ ...env, DAPR_API_TOKEN: 'from the shell', APP_API_TOKEN: 'from the shell' });
  expect(settings.DAPR_HTTP_ENDPOINT).toBe(`http://127.0.0.1:${daprHTTPPort}`);
  expect(settings.APP_PORT).toBe(appPort);
});
