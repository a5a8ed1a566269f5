import { parseArgs } from 'node:util';
import { describeResult } from '../infra/hostile/report.ts';
import { isSound, runHostile } from '../infra/hostile/run.ts';
import { wholeNumber } from '../infra/wholeNumber.ts';

const help = `Sends valid, nearly valid and hostile requests, generated from the definitions, to every HTTP function, and checks
that none is answered with a 5xx, hangs, shows or changes another user's data, or is refused and changes something.
Runs in this process, on Postgres in memory or on the server that TEST_DATABASE_URL names.
Exits with 0 only if every promise was kept.

usage: npm run hostile [-- OPTIONS]

  --requests N   20000 where not given
  --seed S       a whole number: the same one generates the same requests; else a random one, printed`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    requests: { type: 'string', default: '20000' },
    seed: { type: 'string' },
  },
});

async function main(): Promise<void> {
  if (values.help) return console.log(help);
  const requests = wholeNumber('requests', values.requests);
  const seed = wholeNumber('seed', values.seed ?? String(Math.floor(Math.random() * 1_000_000)), 0);
  console.log(`seed ${seed}`);
  const result = await runHostile({ seed, requests, onProgress: console.log });
  console.log(describeResult(result));
  process.exitCode = isSound(result) ? 0 : 1;
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
