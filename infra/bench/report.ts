import { isRate, type Row } from './figure.ts';
import type { Machine } from './machine.ts';
import { round, table } from './table.ts';

/** All that one run of the bench tells, as its JSON has it. */
export interface Report {
  machine: Machine;
  /** The versions of Node that were measured on. */
  nodes: readonly string[];
  figures: Record<string, Row[]>;
  /** Why a figure could not be measured, by its name. */
  failures: Record<string, string>;
}

/** One line about where it was measured. */
export function describeRun({ machine, nodes }: Report): string {
  const { cores, model, memoryGb, load, date } = machine;
  return `${date.slice(0, 10)}, ${cores} cores (${model}), ${memoryGb} GB, load ${load} before; Node ${nodes.join(', ')}`;
}

/** A figure's rows as a Markdown table. */
export function tableOf(rows: readonly Row[]): string {
  const cells = [
    ['', 'median', 'least', 'middle half', 'yardstick', 'ratio', 'goal'],
    ...rows.map((row) => {
      const { subject, unit, measured, yardstick, ratio, goal } = row;
      const text = (value: number) => `${round(value)} ${unit}`;
      return [
        subject,
        text(measured.median),
        text(measured.min),
        `${round(measured.lowerQuartile)}–${round(measured.upperQuartile)}`,
        yardstick ? text(yardstick.median) : '',
        ratio === null ? '' : ratio < 0.1 ? ratio.toPrecision(2) : ratio.toFixed(2),
        goal === null ? '' : `${isRate(row) ? '≥' : '≤'} ${ratio === null ? text(goal) : goal}`,
      ];
    }),
  ];
  return table(cells);
}
