import { setTimeout as sleep } from 'node:timers/promises';
import type { World } from './world.ts';

const INTERVAL_MS = 200;

/** Throws unless `condition` holds, saying what was expected and what was seen. */
export function expect(condition: boolean, what: string, seen: unknown): asserts condition {
  if (!condition) throw new Error(`expected: ${what}; seen: ${JSON.stringify(seen)}`);
}

/** Looks again and again until `look` finds something; throws when it has not after the world's patience. */
export async function until<T>(
  { patienceMs }: Pick<World, 'patienceMs'>,
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`did not happen within ${patienceMs / 1000} s: ${what}`);
    await sleep(INTERVAL_MS);
  }
}

/** The items, once there are so many of them. */
export function atLeast<T>(count: number, items: readonly T[]): readonly T[] | undefined {
  return items.length >= count ? items : undefined;
}
