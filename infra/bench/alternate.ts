import type { MeasureOptions } from './figure.ts';

/** Something to run again and again. */
export interface Contender<Result> {
  name: string;
  run(): Promise<Result>;
}

/**
 * Runs contenders in turn, so that whatever else the machine does meets all of them; a first run of each is not counted.
 * Resolves to their results, by name. Stops, and rejects, between two runs where it is told to.
 */
export async function alternate<Result>(
  contenders: readonly Contender<Result>[],
  { runs, onProgress, signal }: Pick<MeasureOptions, 'runs' | 'onProgress' | 'signal'>,
): Promise<Map<string, Result[]>> {
  const results = new Map(contenders.map(({ name }) => [name, [] as Result[]]));
  for (let round = 0; round <= runs; round += 1) {
    for (const { name, run } of contenders) {
      signal.throwIfAborted();
      const result = await run();
      if (round > 0) results.get(name)?.push(result);
    }
    if (round > 0 && (round === runs || round % Math.ceil(runs / 5) === 0)) onProgress(`run ${round} of ${runs}`);
  }
  return results;
}
