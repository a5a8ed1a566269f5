import { expect, test } from 'vitest';
import type { Row, Statement } from '../store/database.ts';
import { purge } from './purge.ts';

/** Tables with so many rows to remove, in which each statement removes as many as it may. */
function tablesOf(...rows: number[]) {
  const limits: number[] = [];
  const run = async () =>
    rows.map((left, table): Row[] => {
      const purged = Math.min(left, limits.at(-1) ?? 0);
      rows[table] = left - purged;
      return [{ purged }];
    });
  const statements = (limit: number): Statement[] => {
    limits.push(limit);
    return [];
  };
  return { limits, removed: () => purge({ run }, statements) };
}

test('what is left is removed batch by batch, from every table, and told of', async () => {
  const tables = tablesOf(25_000, 3, 0);
  expect(await tables.removed()).toBe(25_003);
  expect(tables.limits).toEqual([10_000, 10_000, 10_000]);
});

test('where nothing is left one look is enough', async () => {
  const tables = tablesOf(0, 0);
  expect(await tables.removed()).toBe(0);
  expect(tables.limits).toHaveLength(1);
});

test('it ends after 60 batches, whatever is left', async () => {
  const tables = tablesOf(1_000_000);
  expect(await tables.removed()).toBe(600_000);
});

test('a statement that tells nothing of rows is passed over', async () => {
  expect(await purge({ run: async () => [[{ other: 1 }], []] }, () => [])).toBe(0);
});
