import { expect, it } from 'vitest';
import { isCompletion, makePlan, type PlanOptions } from './plan.ts';

const options: PlanOptions = { platform: 'real', seed: 7, writes: 2_000, users: 40, hits: 50 };

it('plans the same for the same seed, and something else for another', () => {
  expect(makePlan(options)).toEqual(makePlan(options));
  expect(makePlan({ ...options, seed: 8 })).not.toEqual(makePlan(options));
});

it('plans as many writes as were asked for, and copies and poison beside them', () => {
  const kinds = makePlan(options).steps.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind !== 'copy' && kind !== 'poison')).toHaveLength(2_000);
  expect(new Set(kinds).size).toBe(9);
});

it('completes only what a step before it created, as the user who created it', () => {
  const { steps } = makePlan(options);
  for (const [index, step] of steps.entries()) {
    if (!isCompletion(step.kind) || !('target' in step && 'user' in step)) continue;
    const target = steps[step.target];
    expect(step.target).toBeLessThan(index);
    expect(target).toMatchObject({ user: step.user, task: expect.anything() });
  }
});

it('gives every write a title of its own', () => {
  const titles = makePlan(options).steps.flatMap((step) => ('task' in step ? [step.task.title] : []));
  expect(new Set(titles).size).toBe(titles.length);
});

it('hits every part of its platform in every way, and two different ones at once now and then', () => {
  const { steps, hits } = makePlan(options);
  const ways = new Set(hits.flatMap(({ blows }) => blows.map(({ part, how }) => `${part} ${how}`)));
  expect(ways.size).toBe(10);
  const doubles = hits.filter(({ blows }) => blows.length === 2);
  expect(doubles.length).toBeGreaterThan(0);
  expect(doubles.every(({ blows: [one, other] }) => one?.part !== other?.part)).toBe(true);
  expect(hits.map(({ beforeStep }) => beforeStep)).toEqual(
    hits.map(({ beforeStep }) => beforeStep).sort((a, b) => a - b),
  );
  expect(hits.every(({ beforeStep }) => beforeStep < steps.length)).toBe(true);
});
