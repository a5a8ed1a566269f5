import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { bundleAll } from '../infra/bundle/bundleAll.ts';
import { describeResult } from '../infra/faults/report.ts';
import { isSound, runFaults } from '../infra/faults/run.ts';
import { oneOf } from '../infra/oneOf.ts';
import { wholeNumber } from '../infra/wholeNumber.ts';

const help = `Writes to tasks in every way that the API has, by many users, while it kills and stops at random what the system is made
of, repeats requests, delivers events twice, and plants events that nobody can read. Then it waits until all is quiet and
checks, in the database and in the topics, that no event was lost and no effect happened twice. Exits with 0 only if every
promise was kept.

usage: npm run faults [-- OPTIONS]

  --platform real|embedded   Kafka, Postgres and daprd themselves (as "npm run start:real" needs them), or the
                             embedded platform; real where not given
  --writes N                 2000 where not given
  --users N                  who write: 40 where not given
  --seed S                   a whole number: the same one plans the same writes and hits; else a random one, printed
  --kills N                  hits, each of one or two parts: one for every 40 writes where not given
  --rate N                   writes per second, at most: 15 where not given
  --duration SECONDS         in place of a rate: about how long the load takes
  --json FILE                the result as JSON, with every violation`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    platform: { type: 'string', default: 'real' },
    writes: { type: 'string', default: '2000' },
    users: { type: 'string', default: '40' },
    seed: { type: 'string' },
    kills: { type: 'string' },
    rate: { type: 'string' },
    duration: { type: 'string' },
    json: { type: 'string' },
  },
});

async function main(): Promise<void> {
  if (values.help) return console.log(help);
  const platform = oneOf(['real', 'embedded'], 'platform', values.platform);
  const writes = wholeNumber('writes', values.writes);
  const rate = values.duration
    ? writes / wholeNumber('duration', values.duration)
    : wholeNumber('rate', values.rate ?? '15');
  const hits = wholeNumber('kills', values.kills ?? String(Math.ceil(writes / 40)), 0);
  const seed = wholeNumber('seed', values.seed ?? String(Math.floor(Math.random() * 1_000_000)), 0);
  const users = wholeNumber('users', values.users);
  console.log(`seed ${seed}: building the functions`);
  await bundleAll();
  const result = await runFaults({
    ...{ platform, seed, writes, users, hits, rate },
    onProgress: console.log,
    onStarted(close) {
      for (const signal of ['SIGINT', 'SIGTERM'] as const) {
        process.once(signal, () => void close().finally(() => process.exit(130)));
      }
    },
  });
  console.log(describeResult(result));
  if (values.json) await writeFile(values.json, `${JSON.stringify(result, null, 2)}\n`);
  process.exitCode = isSound(result) ? 0 : 1;
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
