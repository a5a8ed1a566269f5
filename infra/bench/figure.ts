import type { Summary } from './statistics.ts';

/** Something that is measured, beside a yardstick where it has one. */
export interface Figure {
  name: string;
  /** One line for people. */
  summary: string;
  /** Needs Kafka, daprd and Postgres, which are fetched and built before, once: the short form leaves it out unless named. */
  onRealParts?: true;
  /** Measures it, and takes everything away again that it started. */
  measure(options: MeasureOptions): Promise<Row[]>;
}

export interface MeasureOptions {
  /** How often each subject and each yardstick is run. */
  runs: number;
  /** The Node executables to measure on. */
  nodes: readonly string[];
  /** Shows only that the figure can be measured, in seconds: fewer rows, requests and functions. */
  short: boolean;
  onProgress(line: string): void;
  /** Aborted when the bench is told to stop: no further run is begun. */
  signal: AbortSignal;
}

/** One line of a figure's table. */
export interface Row {
  /** What was measured, and on what. */
  subject: string;
  unit: 'µs' | 'ms' | 'MB' | 'kB' | '/s';
  measured: Summary;
  /** What the yardstick took in the same run; null for one that is measured against nothing. */
  yardstick: Summary | null;
  /** The subject's median to the yardstick's. */
  ratio: number | null;
  /** The most that `ratio` (or without a yardstick `measured`) is to be; of a rate (`/s`), the least. */
  goal: number | null;
}

/** Whether more of it is better: of everything else, less is. */
export function isRate({ unit }: Pick<Row, 'unit'>): boolean {
  return unit === '/s';
}

/** A line of a table; with a yardstick, the goal is one of their ratio. */
export function row(
  subject: string,
  { unit, measured, yardstick = null, goal = null }: Pick<Row, 'unit' | 'measured'> & Partial<Row>,
): Row {
  return { subject, unit, measured, yardstick, ratio: yardstick && measured.median / yardstick.median, goal };
}
