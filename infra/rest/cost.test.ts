import { expect, it } from 'vitest';
import { type AtRest, monthlyCost } from './cost.ts';
import { rates, workload } from './workload.ts';

const costing = { workload, rates };
const hourly: AtRest = { neonSeconds: 300, processSeconds: 120, starts: 4, alwaysOnGb: 0.5 };
const eachMinute: AtRest = { ...hourly, neonSeconds: 3600, processSeconds: 3 * 1800, starts: 180 };

it('nobody’s month is 730 hours at rest', () => {
  const month = monthlyCost(0, hourly, costing);
  expect(month.neonAwake).toBeCloseTo(1 / 12);
  expect(month.cuHours).toBeCloseTo((730 / 12) * 0.25);
  expect(month.neonPrice).toBeCloseTo((730 / 12) * 0.25 * 0.106);
  expect(month.calls).toBeCloseTo(730 * 4);
  expect(month.functionGbHours).toBeCloseTo((730 * rates.processGb) / 30);
  expect(month.alwaysOnGbHours).toBe(365);
});

it('with a cron each minute the database is awake all month, whoever uses it', () => {
  for (const users of [0, 1, 1_000]) {
    expect(monthlyCost(users, eachMinute, costing)).toMatchObject({ neonAwake: 1, cuHours: 730 * 0.25 });
  }
});

it('one user wakes what slept, for as long as the database then stays awake', () => {
  const { neonAwake } = monthlyCost(1, hourly, costing);
  // Four sessions of six minutes and two reminders of five, 34 minutes a day, few of which fall together.
  const alone = 34 / (24 * 60);
  expect(neonAwake).toBeGreaterThan(1 / 12);
  expect(neonAwake).toBeLessThan(1 / 12 + alone);
  expect(neonAwake).toBeCloseTo(1 / 12 + (11 / 12) * alone, 3);
});

it('many keep it awake, and only then does what they do decide its size', () => {
  const [thousand, million] = [1_000, 1_000_000].map((users) => monthlyCost(users, hourly, costing));
  expect(thousand?.neonAwake).toBeCloseTo(1, 5);
  expect(thousand?.cuHours).toBeCloseTo(730 * rates.leastCu, 3);
  // 23 calls a day of two transactions each are 532 in a second.
  expect(million?.cuHours).toBeCloseTo((730 * 532.4) / rates.transactionsPerCu, 0);
});

it('never costs less with more users', () => {
  const months = [0, 1, 10, 100, 1_000, 10_000, 100_000, 1_000_000].map((users) => monthlyCost(users, hourly, costing));
  for (const field of ['cuHours', 'calls', 'functionGbHours'] as const) {
    const values = months.map((month) => month[field]);
    expect(values).toEqual([...values].sort((one, other) => one - other));
  }
});
