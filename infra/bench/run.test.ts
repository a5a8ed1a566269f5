import { expect, test } from 'vitest';
import { row } from './figure.ts';
import { runBench } from './run.ts';
import { summarise } from './statistics.ts';

const options = { runs: 1, nodes: [process.execPath], short: true };
const told = row('told', { unit: 'ms', measured: summarise([5]) });
const good = { name: 'good', summary: '', measure: async () => [told] };

test('a figure that cannot be measured is told of, and stops no other', async () => {
  const bad = { name: 'bad', summary: '', measure: () => Promise.reject(new Error('there is no Postgres')) };
  const said: string[] = [];
  const signal = new AbortController().signal;
  const report = await runBench([bad, good], { ...options, signal, onProgress: (line) => said.push(line) });
  expect(report).toMatchObject({ figures: { good: [told] }, failures: { bad: 'there is no Postgres' } });
  expect(said).toEqual(['bad could not be measured: there is no Postgres']);
});

test('told to stop, it measures nothing more', async () => {
  const stop = new AbortController();
  const stopped = {
    ...good,
    async measure() {
      stop.abort(new Error('stopped'));
      return [told];
    },
  };
  const run = runBench([stopped, good], { ...options, signal: stop.signal, onProgress: () => {} });
  await expect(run).rejects.toThrow('stopped');
});
