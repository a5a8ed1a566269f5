import { expect, test } from 'vitest';
import { generatedFiles, staleFiles } from './files.ts';

test('every generated file is what its sources say (else: npm run generate)', async () => {
  expect(await staleFiles(await generatedFiles())).toEqual([]);
});

test('a file that was changed by hand, or is missing, is found', async () => {
  const files = new Map(await generatedFiles());
  files.set('infra/dapr/cron.yaml', '# something else\n');
  files.set('knative/no-such-function.yaml', '# missing\n');
  expect(await staleFiles(files)).toEqual(['infra/dapr/cron.yaml', 'knative/no-such-function.yaml']);
});

test('a file of a function that is gone is found', async () => {
  const files = new Map(await generatedFiles());
  files.delete('knative/create-task.yaml');
  expect(await staleFiles(files)).toEqual(['knative/create-task.yaml']);
});
