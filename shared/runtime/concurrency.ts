/** Maps with at most `concurrency` calls under way at once; results keep the order of the items. */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  concurrency: number,
  map: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) results[index] = await map(item);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  return results;
}

/** Runs work, at most so much of it at once; the rest waits, and goes in the order in which it came. */
export interface Limiter {
  run<T>(work: () => Promise<T>): Promise<T>;
  /** How much waits. */
  waiting(): number;
}

export function limiter(concurrency: number): Limiter {
  const queue: (() => void)[] = [];
  let free = concurrency;
  const turn = () => {
    if (free > 0) {
      free -= 1;
      return Promise.resolve();
    }
    return new Promise<void>((resolve) => {
      queue.push(resolve);
    });
  };
  const done = () => {
    const next = queue.shift();
    if (next) next();
    else free += 1;
  };
  return {
    async run(work) {
      await turn();
      try {
        return await work();
      } finally {
        done();
      }
    },
    waiting: () => queue.length,
  };
}

/**
 * Hands items to work that takes many of them at once: what comes while it is under way goes together, after it. Resolves
 * when the work that has the item is done: to what came of it for whoever brought the first item, and to undefined for
 * the others. Rejects for all of them where it fails.
 */
export function together<T, R>(work: (items: readonly T[]) => Promise<R>): (item: T) => Promise<R | undefined> {
  let underWay: Promise<unknown> = Promise.resolve();
  let next: { items: T[]; done: Promise<R> } | undefined;
  return async (item) => {
    if (next) {
      next.items.push(item);
      await next.done;
      return undefined;
    }
    const items = [item];
    const done = underWay.then(() => {
      next = undefined;
      return work(items);
    });
    next = { items, done };
    underWay = done.catch(() => {});
    return done;
  };
}
