import type { Figure, MeasureOptions, Row } from './figure.ts';
import { describeMachine, nodeVersion } from './machine.ts';
import type { Report } from './report.ts';

/** Measures figures one after the other. @throws where one can't be measured, or the bench is told to stop */
export async function runBench(figures: readonly Figure[], options: MeasureOptions): Promise<Report> {
  const machine = describeMachine(new Date());
  const nodes = await Promise.all(options.nodes.map(nodeVersion));
  const measured: Record<string, Row[]> = {};
  for (const { name, measure } of figures) {
    options.signal.throwIfAborted();
    measured[name] = await measure(options);
  }
  return { machine, nodes, figures: measured };
}
