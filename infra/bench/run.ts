import type { Figure, MeasureOptions, Row } from './figure.ts';
import { describeMachine, nodeVersion } from './machine.ts';
import type { Report } from './report.ts';

/**
 * Measures figures one after the other. One that can't be measured is told of, with the reason, and stops no other.
 * @throws where the bench is told to stop
 */
export async function runBench(figures: readonly Figure[], options: MeasureOptions): Promise<Report> {
  const machine = describeMachine(new Date());
  const nodes = await Promise.all(options.nodes.map(nodeVersion));
  const measured: Record<string, Row[]> = {};
  const failures: Record<string, string> = {};
  for (const { name, measure } of figures) {
    try {
      measured[name] = await measure(options);
    } catch (error) {
      options.signal.throwIfAborted();
      failures[name] = error instanceof Error ? error.message : String(error);
      options.onProgress(`${name} could not be measured: ${failures[name]}`);
    }
    options.signal.throwIfAborted();
  }
  return { machine, nodes, figures: measured, failures };
}
