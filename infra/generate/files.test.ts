import { beforeAll, expect, test } from 'vitest';
import { generatedFiles, staleFiles } from './files.ts';

let files: ReadonlyMap<string, string>;
beforeAll(async () => {
  files = await generatedFiles();
});

test('every generated file is what its sources say (else: npm run generate)', async () => {
  expect(await staleFiles(files)).toEqual([]);
});

test('a file that was changed by hand, or is missing, is found', async () => {
  const others = new Map(files)
    .set('infra/dapr/cron.yaml', '# something else\n')
    .set('knative/no-such-function.yaml', '# missing\n');
  expect(await staleFiles(others)).toEqual(['infra/dapr/cron.yaml', 'knative/no-such-function.yaml']);
});

test('a file of a function that is gone is found', async () => {
  const others = new Map(files);
  others.delete('knative/create-task.yaml');
  expect(await staleFiles(others)).toEqual(['knative/create-task.yaml']);
});
