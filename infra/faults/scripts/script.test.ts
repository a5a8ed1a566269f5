import { expect, it } from 'vitest';
import { createRandom } from '../random.ts';
import { planScript } from './script.ts';

const scripts = Array.from({ length: 300 }, (_, seed) => planScript(`s${seed}`, 6, createRandom(seed)));
const actionsOf = ({ writes }: (typeof scripts)[number]) => writes.map(({ action }) => action);

it('plans the same for the same numbers, and as many writes as were asked for', () => {
  expect(planScript('s7', 6, createRandom(7))).toEqual(scripts[7]);
  for (const { writes } of scripts) expect(writes).toHaveLength(6);
});

it('plans every action and every way of sending a write again', () => {
  const kinds = new Set(scripts.flatMap(actionsOf).map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual(['complete', 'delete', 'dismiss', 'read', 'reopen', 'restore', 'snooze', 'update']);
  const repeats = new Set(
    scripts.flatMap(({ writes, repeatCreation }) => [repeatCreation, ...writes.map((w) => w.repeat)]),
  );
  expect([...repeats].sort()).toEqual(['again', 'at once', 'hung up', 'none', 'other body']);
});

it('plans what changes nothing and what finds nothing, and mostly what changes something', () => {
  const completedTwice = scripts.filter((script) => /complete,(read,|update,)*complete/.test(kinds(script)));
  const writtenWhenDeleted = scripts.filter((script) => /delete,(read,)*(update|delete)/.test(kinds(script)));
  expect(completedTwice.length).toBeGreaterThan(3);
  expect(writtenWhenDeleted.length).toBeGreaterThan(3);
  expect(writtenWhenDeleted.length).toBeLessThan(100);
});

it('only changes and completes an instance of a series, and leaves it at its time', () => {
  const recurring = scripts.filter(({ task }) => task.rule);
  expect(recurring.length).toBeGreaterThan(20);
  for (const action of recurring.flatMap(actionsOf)) {
    expect(['update', 'complete', 'snooze', 'dismiss', 'read']).toContain(action.kind);
    if (action.kind === 'update') expect(action.patch).not.toHaveProperty('due');
  }
});

it('names a field in each patch, and gives each title once', () => {
  const patches = scripts.flatMap(actionsOf).flatMap((action) => (action.kind === 'update' ? [action.patch] : []));
  for (const patch of patches) expect(Object.keys(patch).length).toBeGreaterThan(0);
  const titles = patches.flatMap(({ title }) => title ?? []);
  expect(new Set(titles).size).toBe(titles.length);
});

function kinds(script: (typeof scripts)[number]): string {
  return actionsOf(script)
    .map(({ kind }) => kind)
    .join();
}
