import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleFunction } from '../bundle/bundle.ts';
import { bundleSize, STARTUP_LIMIT } from '../bundle/size.ts';
import { loadFunctions } from '../functions.ts';
import { temporaryFolder } from '../real/temporaryFolder.ts';
import { type Figure, type Row, row } from './figure.ts';
import { summarise } from './statistics.ts';
import { type MeasuredFunction, measuredFunctions } from './subjects.ts';
import { bundleWhole } from './wholeBundle.ts';

/** What a function reads at every start. It is not measured in runs: it is what it is. */
export const bundleSizeFigure: Figure = {
  name: 'bundleSize',
  summary: 'what each function reads at its start, minified',
  async measure({ short, onProgress, signal }) {
    onProgress('sizes of bundles');
    const names = short ? measuredFunctions : (await loadFunctions()).map(({ name }) => name);
    const sizes: { name: string; startup: number }[] = [];
    for (const name of names) {
      signal.throwIfAborted();
      sizes.push({ name, startup: bundleSize(await bundleFunction(name)).startup });
    }
    const rows = sizes
      .sort((a, b) => b.startup - a.startup)
      .map(({ name, startup }) => sizeRow(name, startup, STARTUP_LIMIT / 1000));
    return [...rows, ...(await wholeRows())];
  },
};

async function wholeRows(): Promise<Row[]> {
  const folder = await temporaryFolder('evolution-todo-bench-');
  const rowOf = async (name: MeasuredFunction) =>
    sizeRow(`${name}, with whole packages`, await bundleWhole(name, join(folder, `${name}.cjs`)));
  try {
    return await Promise.all(measuredFunctions.map(rowOf));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function sizeRow(subject: string, bytes: number, goal: number | null = null): Row {
  return row(subject, { unit: 'kB', measured: summarise([bytes / 1000]), goal });
}
