import { setTimeout as sleep } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { limiter, together } from './concurrency.ts';

test('so much runs at once, all of what there is, and in the order in which it came', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 20 }),
      async (concurrency, durations) => {
        const { run, waiting } = limiter(concurrency);
        const begun: number[] = [];
        let underWay = 0;
        let most = 0;
        const results = durations.map((ms, index) =>
          run(async () => {
            begun.push(index);
            underWay += 1;
            most = Math.max(most, underWay);
            await sleep(ms);
            underWay -= 1;
            return index;
          }),
        );
        expect(await Promise.all(results)).toEqual(durations.map((_, index) => index));
        expect(begun).toEqual(durations.map((_, index) => index));
        expect(most).toBe(Math.min(concurrency, durations.length));
        expect(waiting()).toBe(0);
      },
    ),
    { numRuns: 50 },
  );
});

test('what fails lets the next one run', async () => {
  const { run, waiting } = limiter(1);
  const failing = run(async () => {
    throw new Error('no');
  });
  const next = run(async () => 'yes');
  expect(waiting()).toBe(1);
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('yes');
});

test('what comes while work is under way goes together, after it, and one of it is first', async () => {
  const given: number[][] = [];
  const bring = together(async (items: readonly number[]) => {
    given.push([...items]);
    await sleep(5);
    return items.length;
  });
  const first = bring(1);
  await sleep(1);
  const others = [bring(2), bring(3), bring(4)];
  expect(await first).toEqual({ result: 1, first: true });
  expect(await Promise.all(others)).toEqual([
    { result: 3, first: true },
    { result: 3, first: false },
    { result: 3, first: false },
  ]);
  expect(await bring(5)).toEqual({ result: 1, first: true });
  expect(given).toEqual([[1], [2, 3, 4], [5]]);
});

test('work that fails does so for all whose it was, and the next goes on', async () => {
  const bring = together(async (items: readonly number[]) => {
    if (items.includes(0)) throw new Error('no');
    return items.length;
  });
  const failing = [bring(0), bring(1)];
  expect((await Promise.allSettled(failing)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await bring(2)).toEqual({ result: 1, first: true });
});

test('what is patient waits for company, and goes with the first that is not', async () => {
  const given: number[][] = [];
  const gathered: (() => void)[] = [];
  const bring = together(
    async (items: readonly number[]) => void given.push([...items]),
    () => new Promise((resolve) => gathered.push(resolve)),
  );
  const alone = bring(1, { patient: true });
  const second = bring(2, { patient: true });
  await sleep(1);
  expect(given).toEqual([]);
  gathered[0]?.();
  await Promise.all([alone, second]);
  expect(given).toEqual([[1, 2]]);

  const patient = bring(3, { patient: true });
  await Promise.all([patient, bring(4)]);
  await bring(5);
  expect(given).toEqual([[1, 2], [3, 4], [5]]);
  expect(gathered).toHaveLength(2);
});
