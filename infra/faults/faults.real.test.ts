import { expect, it } from 'vitest';
import { describeResult } from './report.ts';
import { isSound, runFaults } from './run.ts';

/** With these seeds every part is killed or stopped at least once, functions too. */
const runs = [
  { platform: 'embedded', seed: 61, writes: 150, users: 12, hits: 5, rate: 25 },
  { platform: 'real', seed: 252, writes: 300, users: 20, hits: 7, rate: 20 },
] as const;

it.each(runs)(
  'nothing is lost and nothing done twice on the $platform parts, whatever is killed',
  async (run) => {
    const result = await runFaults({ ...run, onProgress: (line) => void process.stderr.write(`${line}\n`) });
    expect(isSound(result), describeResult(result)).toBe(true);
    expect(result.hits).toHaveLength(run.hits);
    expect(result.hits.filter(({ landed, recoveredInMs }) => !landed || recoveredInMs === null)).toEqual([]);
    expect(result.counts['copy of an event']?.acknowledged).toBeGreaterThan(0);
    expect(result.tally.deliveries.duplicate).toBeGreaterThan(0);
    expect(result.verdicts.filter(({ looked }) => looked === 0)).toEqual([]);
  },
  300_000,
);
