import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bundleFunction, bundlePath } from '../infra/bundle/bundle.ts';
import { spawnToListening } from '../infra/bundle/coldStart.ts';
import { bundleSize } from '../infra/bundle/size.ts';
import { loadFunctions } from '../infra/functions.ts';
import { environmentSchema } from '../shared/runtime/environment.ts';

const help = `Prints each function's bundle size (read at every start, and on demand), what weighs most in it, and its time
from spawn to listening beside a bare node:http server's, measured in turn.

usage: npm run size [-- --runs N] [NAME …]    N runs of each, 7 where not given`;

/** Values that let a function start; it calls nothing before its first request. */
const placeholders: Record<string, string> = {
  DATABASE_URL: 'postgres://user:password@localhost/evolution_todo',
  JWKS_URL: 'http://127.0.0.1:9/jwks.json',
  JWT_ISSUER: 'issuer',
  JWT_AUDIENCE: 'audience',
  APP_API_TOKEN: 'token',
  DAPR_API_TOKEN: 'token',
  DAPR_HTTP_ENDPOINT: 'http://127.0.0.1:9',
  WEBHOOK_SECRETS_KEY: Buffer.alloc(32).toString('base64'),
};
const bareServer = fileURLToPath(new URL('../infra/bundle/bareServer.mjs', import.meta.url));

const { values, positionals } = parseArgs({
  options: { help: { type: 'boolean', short: 'h' }, runs: { type: 'string', default: '7' } },
  allowPositionals: true,
});
if (values.help) {
  console.log(help);
  process.exit();
}
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) {
  console.error('--runs takes a whole number from 1 up');
  process.exit(1);
}

const kB = (bytes: number) => `${(bytes / 1000).toFixed(0)} kB`.padStart(7);
const ms = (time: number) => `${time.toFixed(0)} ms`.padStart(7);
const median = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

console.log(`Node ${process.version}, median of ${runs} runs each, in turn with a bare node:http server\n`);
console.log('function                 startup  on demand   listening    bare   ratio  heaviest');
for (const definition of await loadFunctions()) {
  if (positionals.length > 0 && !positionals.includes(definition.name)) continue;
  const size = bundleSize(await bundleFunction(definition.name));
  const wanted = Object.keys(environmentSchema(definition).shape);
  const env = Object.fromEntries(Object.entries(placeholders).filter(([name]) => wanted.includes(name)));
  const subject: number[] = [];
  const bare: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    subject.push(await spawnToListening(bundlePath(definition.name), env));
    bare.push(await spawnToListening(bareServer, {}));
  }
  const ratio = (median(subject) / median(bare)).toFixed(2);
  const heaviest = size.largest.slice(0, 4).map(({ name, bytes }) => `${name} ${kB(bytes).trim()}`);
  console.log(
    `${definition.name.padEnd(23)} ${kB(size.startup)}    ${kB(size.onDemand)}     ${ms(median(subject))} ${ms(median(bare))}    ${ratio}  ${heaviest.join(', ')}`,
  );
}
