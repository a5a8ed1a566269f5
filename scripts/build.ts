import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { bundleFunction } from '../infra/bundle/bundle.ts';
import { loadFunctions } from '../infra/functions.ts';

const help = `Bundles each function by itself into dist/<name>/.

usage: npm run build [-- NAME …]    all functions, or those named`;

const { values, positionals } = parseArgs({
  options: { help: { type: 'boolean', short: 'h' } },
  allowPositionals: true,
});
if (values.help) {
  console.log(help);
} else {
  const started = performance.now();
  const names = (await loadFunctions()).map(({ name }) => name);
  const unknown = positionals.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    console.error(`There is no function ${unknown.join(', ')}. There are: ${names.join(', ')}.`);
    process.exit(1);
  }
  const wanted = positionals.length > 0 ? positionals : names;
  if (wanted === names) await rm(new URL('../dist/', import.meta.url), { recursive: true, force: true });
  await Promise.all(wanted.map(bundleFunction));
  console.log(`Built ${wanted.length} functions into dist/ in ${Math.round(performance.now() - started)} ms.`);
}
