import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { figures } from '../infra/bench/figures.ts';
import { writePage } from '../infra/bench/page.ts';
import { describeRun, tableOf } from '../infra/bench/report.ts';
import { runBench } from '../infra/bench/run.ts';
import { wholeNumber } from '../infra/wholeNumber.ts';

const help = `Measures how fast and how small everything is: each figure beside a yardstick, which is run in turn with it, and
prints the median, the least and the middle half of all runs, and the ratio of the medians. It judges nothing.

usage: npm run bench [-- OPTIONS] [FIGURE …]    all figures, or those named:

${figures.map(({ name, summary }) => `  ${name.padEnd(18)} ${summary}`).join('\n')}

  --runs N        of each subject and yardstick: 15 where not given
  --node PATH     a Node to measure on, in place of the one that runs this; can be given again for another
  --short         one run of everything, and less of it: shows that the bench works, and says nothing of speed;
                  what needs Kafka and daprd only where it is named
  --json FILE     the report as JSON
  --page          the report as a page with plots, in infra/bench/results, in place of the one that is there`;

const { values, positionals } = parseArgs({
  options: {
    help: { type: 'boolean', short: 'h' },
    runs: { type: 'string', default: '15' },
    node: { type: 'string', multiple: true, default: [process.execPath] },
    short: { type: 'boolean', default: false },
    json: { type: 'string' },
    page: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});

const resultsFolder = fileURLToPath(new URL('../infra/bench/results/', import.meta.url));

async function main(): Promise<void> {
  if (values.help) return console.log(help);
  const unknown = positionals.filter((name) => !figures.some((figure) => figure.name === name));
  if (unknown.length > 0) {
    throw new Error(
      `there is no figure ${unknown.join(', ')}; there are: ${figures.map(({ name }) => name).join(', ')}`,
    );
  }
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => stop.abort(new Error('stopped before it was done')));
  }
  const report = await runBench(
    figures.filter(({ name, onRealParts }) =>
      positionals.length > 0 ? positionals.includes(name) : !(values.short && onRealParts),
    ),
    {
      runs: values.short ? 1 : wholeNumber('runs', values.runs),
      nodes: values.node,
      short: values.short,
      onProgress: (line) => console.error(line),
      signal: stop.signal,
    },
  );
  if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
  if (values.page) await writePage(resultsFolder, report, figures);
  console.log(describeRun(report));
  for (const [name, rows] of Object.entries(report.figures)) console.log(`\n## ${name}\n\n${tableOf(rows)}`);
  const failed = Object.keys(report.failures);
  if (failed.length > 0) throw new Error(`could not be measured: ${failed.join(', ')}`);
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
