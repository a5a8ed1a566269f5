import { readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { bundleAll } from '../infra/bundle/bundleAll.ts';
import { oneOf } from '../infra/oneOf.ts';
import { costTable, describeAssumptions, isOfWholeHours, restTable, warningsOf } from '../infra/rest/describeRest.ts';
import { measureRest, type RestReport } from '../infra/rest/measureRest.ts';
import { platforms } from '../infra/rest/restingSystem.ts';
import { wholeNumber } from '../infra/wholeNumber.ts';

const help = `Measures what rest costs: brings the system up on new data, lets every function go to sleep, and looks on without a touch.
Tells which functions were woken and how long their processes lived, what the database was asked for and how long a Neon
compute would have been awake for that, the memory of what stays up, and what a month of nobody, of one user, of a thousand
and of a million takes at that. Prints Markdown; infra/rest/README.md says how it is reckoned.

usage: npm run rest [-- OPTIONS]    or    npm run rest -- --print FILE [--print FILE …]

  --platform embedded|real|knative   embedded where not given; "real" needs what "npm run start:real" does, "knative" what
                                     "npm run cluster -- start" does, and root
  --minutes N                        60 where not given, which has one full hour in it, well before its end: it begins up
                                     to six minutes later for that; shorter ones begin at once and say what they lack
  --wake-ups jobs|cron               what wakes functions when something comes due: jobs where not given, or crons alone,
                                     each minute
  --json FILE                        the report as JSON
  --print FILE                       measures nothing, but prints reports that were kept, side by side`;

const { values } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    platform: { type: 'string', default: 'embedded' },
    minutes: { type: 'string', default: '60' },
    'wake-ups': { type: 'string' },
    json: { type: 'string' },
    print: { type: 'string', multiple: true },
  },
});

async function main(): Promise<void> {
  if (values.help) return console.log(help);
  const reports = values.print ? await Promise.all(values.print.map(readReport)) : [await measure()];
  console.log(`\n${restTable(reports)}`);
  const whole = reports.filter(isOfWholeHours);
  if (whole.length > 0) console.log(`\n${costTable(whole)}\n\n${describeAssumptions()}`);
}

async function measure(): Promise<RestReport> {
  const platform = oneOf(platforms, 'platform', values.platform);
  const wakeUps =
    values['wake-ups'] === undefined ? undefined : oneOf(['jobs', 'cron'], 'wake-ups', values['wake-ups']);
  const lengthMs = wholeNumber('minutes', values.minutes) * 60_000;
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => stop.abort(new Error('stopped before it was done')));
  }
  const onProgress = (line: string) => console.error(`… ${line}`);
  if (platform !== 'knative') {
    onProgress('building the functions');
    await bundleAll();
  }
  const report = await measureRest({ platform, wakeUps, lengthMs, onProgress, signal: stop.signal });
  if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
  for (const warning of warningsOf(report)) console.error(warning);
  return report;
}

async function readReport(file: string): Promise<RestReport> {
  return JSON.parse(await readFile(file, 'utf8'));
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
