import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Figure } from './figure.ts';
import { plotOf } from './plot.ts';
import { describeRun, type Report, tableOf } from './report.ts';

/**
 * Writes a report into a folder, which it replaces: as JSON, and as a page with the table of each figure and a plot of
 * the rows that have a goal.
 */
export async function writePage(folder: string, report: Report, figures: readonly Figure[]): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'report.json'), `${JSON.stringify(report, null, 2)}\n`);
  const sections: string[] = [];
  for (const { name, summary } of figures) {
    const failure = report.failures[name];
    if (failure !== undefined) sections.push(`## ${name}`, `Could not be measured: ${failure}`);
    const rows = report.figures[name];
    if (!rows) continue;
    const plot = plotOf(rows, `${name}: ${summary}`);
    if (plot) await writeFile(join(folder, `${name}.svg`), plot);
    sections.push(`## ${name}`, `${summary[0]?.toUpperCase()}${summary.slice(1)}.`);
    if (plot) sections.push(`![Shorter is better, and green is within the goal, the dashed line](${name}.svg)`);
    sections.push(tableOf(rows));
  }
  const head = [
    '# One run of the bench',
    `Written by \`npm run bench -- --page\`: ${describeRun(report)}. [What is measured, and what limits it](../README.md).`,
  ];
  await writeFile(join(folder, 'README.md'), `${[...head, ...sections].join('\n\n')}\n`);
}
