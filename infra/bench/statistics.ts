/** What repeated measurements of one thing come to, in their unit. */
export interface Summary {
  runs: number;
  median: number;
  /** The least: on a machine that others use as well, what comes nearest to the thing itself. */
  min: number;
  /** Half of all runs lie between these two. */
  lowerQuartile: number;
  upperQuartile: number;
}

/** Summarises measurements. @throws where there are none */
export function summarise(samples: readonly number[]): Summary {
  if (samples.length === 0) throw new Error('there is nothing to summarise: no run was measured');
  const sorted = [...samples].sort((a, b) => a - b);
  return {
    runs: sorted.length,
    median: quantile(sorted, 0.5),
    min: quantile(sorted, 0),
    lowerQuartile: quantile(sorted, 0.25),
    upperQuartile: quantile(sorted, 0.75),
  };
}

/** What so large a part of measurements is not above. @throws where there are none */
export function quantileOf(samples: readonly number[], fraction: number): number {
  if (samples.length === 0) throw new Error('there is nothing to summarise: no run was measured');
  return quantile(
    [...samples].sort((a, b) => a - b),
    fraction,
  );
}

/** Between two neighbours, linearly. */
function quantile(sorted: readonly number[], fraction: number): number {
  const position = (sorted.length - 1) * fraction;
  const below = sorted[Math.floor(position)] ?? Number.NaN;
  const above = sorted[Math.ceil(position)] ?? Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}
