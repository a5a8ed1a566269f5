import { expect, it } from 'vitest';
import { describeResult } from './report.ts';
import { isSound, runFaults } from './run.ts';
import { shortRuns } from './shortRuns.ts';

it.each(shortRuns)(
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
