import { parseArgs } from 'node:util';
import { generatedFiles, staleFiles, writeGenerated } from '../infra/generate/files.ts';

const help = `Writes the files that derive from the definitions and migrations: infra/schema.sql, infra/asyncapi.yaml,
functions/getOpenApi/openapi.json, infra/client/paths.ts, infra/dapr/subscriptions.yaml, infra/dapr/cron.yaml and
knative/*.yaml.

usage: npm run generate [-- --check]    --check writes nothing and fails when something is stale`;

const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' }, check: { type: 'boolean' } } });
if (values.help) {
  console.log(help);
} else if (values.check) {
  const stale = await staleFiles(await generatedFiles());
  for (const path of stale) console.error(`stale: ${path}`);
  console.log(
    stale.length === 0 ? 'Every generated file is up to date.' : 'Run "npm run generate" and commit what it writes.',
  );
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  const files = await generatedFiles();
  const changed = await writeGenerated(files);
  for (const path of changed) console.log(`${files.has(path) ? 'wrote' : 'removed'} ${path}`);
  if (changed.length === 0) console.log('Every generated file was up to date.');
}
