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

/** What came of work that took the items of several. */
export interface Shared<R> {
  result: R;
  /** Whether it was this item that came first: by that one of them does what is to be done once. */
  first: boolean;
}

/**
 * Hands items to work that takes many of them at once: what comes while it is under way goes together, after it, and what
 * is patient goes once `company` resolves, or with the next that is not. Resolves, or rejects, as the work that has the
 * item does.
 */
export function together<T, R>(
  work: (items: readonly T[]) => Promise<R>,
  company: () => Promise<void> = async () => {},
): (item: T, options?: { patient?: boolean }) => Promise<Shared<R>> {
  let underWay: Promise<unknown> = Promise.resolve();
  let next: { items: T[]; depart: () => void; done: Promise<R> } | undefined;

  const gather = (patient: boolean) => {
    const items: T[] = [];
    let depart = () => {};
    const complete = new Promise<void>((resolve) => {
      depart = resolve;
    });
    if (patient) void company().then(depart);
    const done = Promise.all([underWay, complete]).then(() => {
      next = undefined;
      return work(items);
    });
    underWay = done.catch(() => {});
    return { items, depart, done };
  };

  return async (item, { patient = false } = {}) => {
    const first = !next;
    next ??= gather(patient);
    const { items, depart, done } = next;
    items.push(item);
    if (!patient) depart();
    return { result: await done, first };
  };
}
