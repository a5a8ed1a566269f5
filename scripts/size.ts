import { parseArgs } from 'node:util';
import { bundleFunction } from '../infra/bundle/bundle.ts';
import { type BundleSize, bundleSize, STARTUP_LIMIT } from '../infra/bundle/size.ts';
import { loadFunctions } from '../infra/functions.ts';

const kB = (bytes: number) => `${(bytes / 1000).toFixed(0)} kB`.padStart(7);

const help = `Prints each function's bundle size (read at every start, and on demand) and what weighs most in it. Exits with 1
where a function reads more than ${kB(STARTUP_LIMIT).trim()} at its start.

usage: npm run size [-- NAME …]    all functions, or those named

What a start takes, "npm run bench" measures.`;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help) return console.log(help);
  const names = (await loadFunctions()).map(({ name }) => name);
  const unknown = positionals.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`there is no function ${unknown.join(', ')}`);

  console.log('function                 startup  on demand  heaviest');
  const tooLarge: string[] = [];
  for (const name of positionals.length > 0 ? positionals : names) {
    const size = bundleSize(await bundleFunction(name));
    console.log(lineOf(name, size));
    if (size.startup > STARTUP_LIMIT) tooLarge.push(name);
  }
  if (tooLarge.length > 0) {
    throw new Error(`more than ${kB(STARTUP_LIMIT).trim()} at their start read ${tooLarge.join(', ')}`);
  }
}

function lineOf(name: string, { startup, onDemand, largest }: BundleSize): string {
  const heaviest = largest.slice(0, 4).map((part) => `${part.name} ${kB(part.bytes).trim()}`);
  return `${name.padEnd(23)} ${kB(startup)}    ${kB(onDemand)}  ${heaviest.join(', ')}`;
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
