import { expect, it } from 'vitest';
import type { PartName } from './hits.ts';
import { isCompletion, makePlan, type PlanOptions, writesOf } from './plan.ts';
import { shortRuns } from './shortRuns.ts';

const options: PlanOptions = { platform: 'real', seed: 7, writes: 2_000, users: 40, hits: 50 };

it('plans the same for the same seed, and something else for another', () => {
  expect(makePlan(options)).toEqual(makePlan(options));
  expect(makePlan({ ...options, seed: 8 })).not.toEqual(makePlan(options));
});

it.each([3, 50, 2_000])('plans %i writes where so many were asked for', (writes) => {
  const { steps } = makePlan({ ...options, writes });
  expect(steps.reduce((sum, step) => sum + writesOf(step), 0)).toBe(writes);
});

it('plans every kind of step, and poison as often as it should also where scripts take most of the writes', () => {
  expect(new Set(makePlan(options).steps.map(({ kind }) => kind)).size).toBe(10);
  for (let seed = 0; seed < 50; seed += 1) {
    const { steps } = makePlan({ ...options, seed, writes: 40, hits: 2 });
    expect(steps.filter(({ kind }) => kind === 'poison')).toHaveLength(4);
  }
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
  const titles = makePlan(options).steps.flatMap((step) => {
    if (step.kind === 'script') return [step.script.task.title];
    return 'task' in step ? [step.task.title] : [];
  });
  expect(new Set(titles).size).toBe(titles.length);
});

it('hits every part of its platform in every way, and two different ones at once now and then', () => {
  const { steps, hits } = makePlan(options);
  const ways = new Set(hits.flatMap(({ blows }) => blows.map(({ part, how }) => `${part} ${how}`)));
  expect(ways.size).toBe(13);
  const doubles = hits.filter(({ blows }) => blows.length === 2);
  expect(doubles.length).toBeGreaterThan(0);
  expect(doubles.every(({ blows: [one, other] }) => one?.part !== other?.part)).toBe(true);
  expect(hits.map(({ beforeStep }) => beforeStep)).toEqual(
    hits.map(({ beforeStep }) => beforeStep).sort((a, b) => a - b),
  );
  expect(hits.every(({ beforeStep }) => beforeStep < steps.length)).toBe(true);
});

const PARTS: Record<PlanOptions['platform'], PartName[]> = {
  embedded: ['function', 'platform', 'sidecar'],
  real: ['daprd', 'function', 'kafka', 'platform', 'postgres', 'scheduler'],
};

it.each(shortRuns)('hits every part and writes in every way in the short run on the $platform parts', (run) => {
  const { steps, hits } = makePlan(run);
  const hit = new Set(hits.flatMap(({ blows }) => blows.map(({ part }) => part)));
  expect([...hit].sort()).toEqual(PARTS[run.platform]);
  expect(steps.filter(({ kind }) => kind === 'copy').length).toBeGreaterThan(5);
  const scripted = steps.flatMap((step) => (step.kind === 'script' ? step.script.writes : []));
  expect(new Set(scripted.map(({ action }) => action.kind)).size).toBe(8);
  expect(new Set(scripted.map(({ repeat }) => repeat)).size).toBe(5);
});
