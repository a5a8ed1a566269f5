import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../real/temporaryFolder.ts';
import { createTaskEnvironment } from '../../testing/createTaskEnvironment.ts';
import { coldStart } from '../coldProcess.ts';
import { measuredFunctions } from '../subjects.ts';
import { bundleRung, ladderTo } from './ladder.ts';

const env = { ...createTaskEnvironment, APP_API_TOKEN: 'token' };

let folder: string;
beforeEach(async () => {
  folder = await temporaryFolder('ladder-');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe.each(measuredFunctions)('the ladder to %s', (name) => {
  const rungs = ladderTo(name);

  test('has more in each rung than in the one before', async () => {
    const sizes = await Promise.all(
      rungs.map(async (rung, index) => {
        const own = join(folder, String(index));
        await bundleRung(rung, own);
        const files = (await readdir(own)).filter((file) => file.endsWith('.js'));
        const contents = await Promise.all(files.map((file) => readFile(join(own, file))));
        return contents.reduce((sum, { length }) => sum + length, 0);
      }),
    );
    expect(sizes.length).toBeGreaterThan(3);
    expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => a - b));
  });

  test('answers once every step is done, and not where one of them fails', async () => {
    const type = name === 'createTask' ? 'application/json' : 'application/cloudevents+json';
    const request = { method: 'POST', path: '/', headers: { 'content-type': type }, body: '{}' };
    const answers = await Promise.all(
      rungs.map(async (rung, index) => {
        const args = [await bundleRung(rung, join(folder, String(index)))];
        return coldStart({ node: process.execPath, args, env, request, status: 200 }).then(
          () => 200,
          ({ message }: Error) => Number(/answered POST \/ with (\d+)/.exec(message)?.[1]),
        );
      }),
    );
    // An empty object is no task and no event.
    expect(answers).toEqual(rungs.map((_, index) => (index < 2 ? 200 : 500)));
  });
});
