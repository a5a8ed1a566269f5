import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DomainError } from './errors.ts';
import { contributions, delta, type Increment, type Milestones, rangeOf, statsQuerySchema } from './stats.ts';
import { localDateOf } from './time.ts';

const QUARTER_MS = 15 * 60 * 1000;
const task = (about: Partial<Milestones> = {}): Milestones => ({
  created_at: '2026-11-25T08:07:00.000Z',
  due_at: null,
  completed_at: null,
  ...about,
});

describe('what a task adds', () => {
  test('an open task: itself, in the quarter-hour in which it was created', () => {
    expect(contributions(task({ due_at: '2026-11-26T00:00:00.000Z' }))).toEqual([
      { slot: '2026-11-25T08:00:00.000Z', created: 1, completed: 0, late: 0 },
    ]);
  });

  test('a completed task: also where it was completed', () => {
    expect(contributions(task({ completed_at: '2026-11-25T08:15:00.000Z' }))).toMatchObject([
      { created: 1 },
      { slot: '2026-11-25T08:15:00.000Z', created: 0, completed: 1, late: 0 },
    ]);
  });

  test('a task that was completed late: also where it was due, which for a whole day ends before the next', () => {
    const late = { due_at: '2026-11-26T00:00:00.000Z', completed_at: '2026-11-26T00:00:00.001Z' };
    expect(contributions(task(late))).toMatchObject([
      { created: 1 },
      { completed: 1 },
      { slot: '2026-11-25T23:45:00.000Z', created: 0, completed: 0, late: 1 },
    ]);
  });

  test('at the very moment at which it is due, it is completed in time', () => {
    const inTime = { due_at: '2026-11-26T00:00:00.000Z', completed_at: '2026-11-26T00:00:00.000Z' };
    expect(contributions(task(inTime))).toHaveLength(2);
  });
});

describe('what a change adds', () => {
  test('nothing where no milestone moved to another quarter-hour', () => {
    expect(delta(task({ due_at: '2026-11-26T00:00:00.000Z' }), task({ due_at: null }))).toEqual([]);
  });

  test('one sum where a task is created and completed in the same quarter-hour', () => {
    expect(delta(null, task({ completed_at: '2026-11-25T08:14:59.999Z' }))).toEqual([
      { slot: '2026-11-25T08:00:00.000Z', created: 1, completed: 1, late: 0 },
    ]);
  });

  test('less, where a completed task is reopened', () => {
    expect(delta(task({ completed_at: '2026-11-26T10:00:00.000Z' }), task())).toEqual([
      { slot: '2026-11-26T10:00:00.000Z', created: 0, completed: -1, late: 0 },
    ]);
  });
});

/** Close together, so that milestones often meet in a quarter-hour or at its edge. */
const instant = fc
  .oneof(
    fc.nat({ max: 3 * 60 }).map((minutes) => minutes * 60_000),
    fc.nat({ max: 3 * 60 * 60_000 }),
  )
  .map((ms) => new Date(Date.parse('2026-11-25T00:00:00Z') + ms).toISOString());
const milestones: fc.Arbitrary<Milestones> = fc.record({
  created_at: instant,
  due_at: fc.option(instant),
  completed_at: fc.option(instant),
});
const state = fc.option(milestones);

function sumOf(...increments: Increment[][]): Map<string, number[]> {
  const sums = new Map<string, number[]>();
  for (const { slot, created, completed, late } of increments.flat()) {
    const [a = 0, b = 0, c = 0] = sums.get(slot) ?? [];
    sums.set(slot, [a + created, b + completed, c + late]);
  }
  return new Map([...sums].filter(([, counts]) => counts.some((count) => count !== 0)).sort());
}

describe('of any history', () => {
  test('the changes, in any order, add up to what its last state adds', () => {
    fc.assert(
      fc.property(fc.array(state, { maxLength: 8 }), fc.gen(), (later, g) => {
        const states = [null, ...later];
        const changes = later.map((after, index) => delta(states[index] ?? null, after));
        const shuffled = g(() => fc.shuffledSubarray(changes, { minLength: changes.length }));
        const last = states.at(-1);
        expect(sumOf(...shuffled)).toEqual(sumOf(last ? contributions(last) : []));
      }),
    );
  });

  test('a change names each quarter-hour once, and none to which it adds nothing', () => {
    fc.assert(
      fc.property(state, state, (before, after) => {
        const change = delta(before, after);
        expect(new Set(change.map(({ slot }) => slot)).size).toBe(change.length);
        expect(change.every(({ slot }) => Date.parse(slot) % QUARTER_MS === 0)).toBe(true);
        expect(sumOf(change).size).toBe(change.length);
        expect(delta(after, after)).toEqual([]);
      }),
    );
  });

  test('a quarter-hour begins on the same day of any zone as what happened in it', () => {
    const zones = ['Asia/Kathmandu', 'Pacific/Chatham', 'Australia/Lord_Howe', 'America/St_Johns', 'Europe/Madrid'];
    const anyTime = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(anyTime, fc.constantFrom(...zones), (at, zone) => {
        const [created] = contributions(task({ created_at: at.toISOString() }));
        expect(localDateOf(new Date(created?.slot ?? ''), zone)).toBe(localDateOf(at, zone));
      }),
    );
  });
});

describe('the days of a query', () => {
  const now = new Date('2026-11-25T23:30:00Z');
  const range = (query: Record<string, string>) =>
    rangeOf(statsQuerySchema.parse({ timeZone: 'Europe/Madrid', ...query }), now);

  test('are the last thirty of the zone, where nothing else is asked for', () => {
    expect(range({})).toEqual({
      ...{ timeZone: 'Europe/Madrid', from: '2026-10-28', to: '2026-11-26', today: '2026-11-26' },
    });
    expect(range({ to: '2026-01-30' })).toMatchObject({ from: '2026-01-01', to: '2026-01-30' });
    expect(range({ from: '2026-11-26' })).toMatchObject({ from: '2026-11-26', to: '2026-11-26' });
  });

  test('can be a leap year, and no more', () => {
    expect(range({ from: '2024-01-01', to: '2024-12-31' })).toMatchObject({ to: '2024-12-31' });
    expect(() => range({ from: '2024-01-01', to: '2025-01-01' })).toThrow(DomainError);
  });

  test('cannot end before they begin', () => {
    expect(() => range({ from: '2026-11-27' })).toThrow(DomainError);
    expect(() => range({ from: '2026-11-02', to: '2026-11-01' })).toThrow(DomainError);
  });
});
