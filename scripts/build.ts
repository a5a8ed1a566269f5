import { parseArgs } from 'node:util';
import { bundleFunction } from '../infra/bundle/bundle.ts';
import { bundleAll } from '../infra/bundle/bundleAll.ts';
import { loadFunctions } from '../infra/functions.ts';

const help = `Bundles each function by itself into dist/<name>/.

usage: npm run build [-- NAME …]    all functions, or those named`;

const { values, positionals } = parseArgs({
  options: { help: { type: 'boolean', short: 'h' } },
  allowPositionals: true,
});
if (values.help) {
  console.log(help);
  process.exit();
}
const names = (await loadFunctions()).map(({ name }) => name);
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no function ${unknown.join(', ')}. There are: ${names.join(', ')}.`);
  process.exit(1);
}

const started = performance.now();
if (positionals.length > 0) await Promise.all(positionals.map(bundleFunction));
else await bundleAll();
const count = positionals.length || names.length;
console.log(`Built ${count} functions into dist/ in ${Math.round(performance.now() - started)} ms.`);
