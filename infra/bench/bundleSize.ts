import { bundleFunction } from '../bundle/bundle.ts';
import { bundleSize, STARTUP_LIMIT } from '../bundle/size.ts';
import { loadFunctions } from '../functions.ts';
import { type Figure, row } from './figure.ts';
import { summarise } from './statistics.ts';
import { measuredFunctions } from './subjects.ts';

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
    return sizes
      .sort((a, b) => b.startup - a.startup)
      .map(({ name, startup }) =>
        row(name, { unit: 'kB', measured: summarise([startup / 1000]), goal: STARTUP_LIMIT / 1000 }),
      );
  },
};
