/** Often enough to show that it goes on, seldom enough to be read. */
const INTERVAL_MS = 5_000;

/** Reports a step as it begins and then, every few seconds until the work is done, how long it has taken. */
export async function withElapsed<T>(
  onProgress: (step: string) => void,
  step: string,
  work: () => Promise<T>,
): Promise<T> {
  const startedAt = performance.now();
  onProgress(step);
  const timer = setInterval(() => {
    onProgress(`${step}: ${Math.round((performance.now() - startedAt) / 1000)} s`);
  }, INTERVAL_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
