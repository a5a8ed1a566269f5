import { expect, test } from 'vitest';
import { describeResult } from './report.ts';
import { isSound, runHostile } from './run.ts';

test('valid, nearly valid and hostile requests break no promise of any endpoint', { timeout: 120_000 }, async () => {
  const result = await runHostile({ seed: 2026, requests: 1_000, onProgress: () => {} });
  expect(isSound(result), describeResult(result)).toBe(true);
  expect(Object.values(result.statuses).every((counts) => Object.keys(counts).length > 1)).toBe(true);
  expect(result.compared).toBeGreaterThan(50);
});
