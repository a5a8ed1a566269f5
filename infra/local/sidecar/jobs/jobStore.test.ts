import { readdir } from 'node:fs/promises';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../testing/fixture.ts';
import { type Job, NOT_BEGUN } from './job.ts';
import { openJobStore } from './jobStore.ts';

const job = (name: string, count = 0): Job => ({
  terms: { name, given: { dueTime: '1h' }, start: 0, due: 3_600_000, failurePolicy: { kind: 'drop' } },
  progress: { ...NOT_BEGUN, count },
});

async function open(dir: string, segmentBytes?: number) {
  const store = await openJobStore(dir, { segmentBytes, onCleaningFailed: (error) => expect.fail(String(error)) });
  onTestFinished(() => store.close());
  return store;
}
const counts = (jobs: Iterable<Job>) =>
  Object.fromEntries([...jobs].map(({ terms, progress }) => [terms.name, progress.count]));

it('has after it was opened again what was put, with its data, and not what was removed', async () => {
  const dir = await temporaryFolder();
  const first = await open(dir);
  await Promise.all([first.put(job('a'), '1'), first.put(job('b'), undefined), first.put(job('c'), '3')]);
  await first.put(job('a', 2), '{"x":1}');
  await first.remove('c');
  await first.remove('unknown');
  await first.close();

  const second = await open(dir);
  expect(counts(second.all())).toEqual({ a: 2, b: 0 });
  expect([second.data('a'), second.data('b'), second.data('c')]).toEqual(['{"x":1}', undefined, undefined]);
});

it('keeps what counts, and nothing else, while old files are cleaned and removed', async () => {
  const dir = await temporaryFolder();
  const small = 2_000;
  let store = await open(dir, small);
  const wanted: Record<string, number> = {};
  for (let round = 1; round <= 12; round += 1) {
    // Changes that are asked for at once share a file with the one that comes behind them.
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const name = `job-${index}`;
        if ((index + round) % 3 === 0) {
          delete wanted[name];
          await store.remove(name, index % 2 ? 5 : 0);
        } else {
          wanted[name] = round;
          await store.put(job(name, round), `"${name} in round ${round}"`);
        }
      }),
    );
    if (round % 4 === 0) {
      await store.close();
      store = await open(dir, small);
    }
    expect(counts(store.all())).toEqual(wanted);
    for (const [name, count] of Object.entries(wanted)) expect(store.data(name)).toBe(`"${name} in round ${count}"`);
  }
  // Some 50 kB were written.
  expect((await readdir(dir)).length).toBeLessThan(8);
});
