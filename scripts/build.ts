import { parseArgs } from 'node:util';
import { bundleFunction, bundleProgram } from '../infra/bundle/bundle.ts';
import { bundleAll } from '../infra/bundle/bundleAll.ts';
import { programs } from '../infra/bundle/programs.ts';
import { loadFunctions } from '../infra/functions.ts';

const help = `Bundles each function by itself into dist/<name>/, and so the programs that stand beside them on Kubernetes (router,
bridge).

usage: npm run build [-- NAME …]    all of them, or those named`;

const { values, positionals } = parseArgs({
  options: { help: { type: 'boolean', short: 'h' } },
  allowPositionals: true,
});
if (values.help) {
  console.log(help);
  process.exit();
}
const functions = (await loadFunctions()).map(({ name }) => name);
const names = [...functions, ...programs.map(({ name }) => name)];
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no function or program ${unknown.join(', ')}. There are: ${names.join(', ')}.`);
  process.exit(1);
}

const started = performance.now();
if (positionals.length > 0) {
  await Promise.all([
    ...functions.filter((name) => positionals.includes(name)).map(bundleFunction),
    ...programs.filter(({ name }) => positionals.includes(name)).map(bundleProgram),
  ]);
} else await bundleAll();
const count = positionals.length || names.length;
console.log(`Built ${count} bundles into dist/ in ${Math.round(performance.now() - started)} ms.`);
