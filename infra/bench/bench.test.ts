import { expect, test, vi } from 'vitest';
import { alternate } from './alternate.ts';
import { row } from './figure.ts';
import { nodeVersion } from './machine.ts';
import { tableOf } from './report.ts';
import { summarise } from './statistics.ts';

const unheard = { onProgress: () => {}, signal: new AbortController().signal };

test('measurements come to their median, the least, and where half of them lie', () => {
  expect(summarise([5, 1, 3, 2, 4])).toEqual({ runs: 5, median: 3, min: 1, lowerQuartile: 2, upperQuartile: 4 });
  expect(summarise([2, 1])).toMatchObject({ median: 1.5, lowerQuartile: 1.25 });
  expect(() => summarise([])).toThrow('no run was measured');
});

test('contenders run in turn, and the first run of each is not counted', async () => {
  const order: string[] = [];
  const contender = (name: string) => ({ name, run: async () => order.push(name) });
  const results = await alternate([contender('a'), contender('b')], { runs: 2, ...unheard });
  expect(order).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
  expect([...results]).toEqual([
    ['a', [3, 5]],
    ['b', [4, 6]],
  ]);
});

test('no run is begun behind a stop', async () => {
  const stop = new AbortController();
  const run = vi.fn(async () => stop.abort(new Error('stopped')));
  await expect(alternate([{ name: 'a', run }], { runs: 5, ...unheard, signal: stop.signal })).rejects.toThrow(
    'stopped',
  );
  expect(run).toHaveBeenCalledOnce();
});

test('a table has the ratio to the yardstick and its goal, or the goal of the thing itself', () => {
  const measured = summarise([30]);
  const rows = [
    row('function', { unit: 'ms', measured, yardstick: summarise([20]), goal: 1.4 }),
    row('size', { unit: 'kB', measured: summarise([242.6]), goal: 300 }),
    row('events', { unit: '/s', measured: summarise([10]), yardstick: summarise([2000]), goal: 0.8 }),
  ];
  expect(tableOf(rows).split('\n')).toEqual([
    '|          | median  | least   | middle half | yardstick | ratio  | goal     |',
    '|----------|---------|---------|-------------|-----------|--------|----------|',
    '| function | 30.0 ms | 30.0 ms | 30.0–30.0   | 20.0 ms   | 1.50   | ≤ 1.4    |',
    '| size     | 243 kB  | 243 kB  | 243–243     |           |        | ≤ 300 kB |',
    '| events   | 10.0 /s | 10.0 /s | 10.0–10.0   | 2000 /s   | 0.0050 | ≥ 0.8    |',
  ]);
});

test('what is no Node is told of', async () => {
  expect(await nodeVersion(process.execPath)).toBe(process.versions.node);
  await expect(nodeVersion('/no/such/node')).rejects.toThrow('/no/such/node is no Node that runs here');
});
