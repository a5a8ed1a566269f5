import { alternate } from './alternate.ts';
import { type ColdStart, coldStart } from './coldProcess.ts';
import { type Figure, type Row, row } from './figure.ts';
import { summarise } from './statistics.ts';
import { type MeasuredFunction, measuredFunctions, onEachNode } from './subjects.ts';

/** What a person or an event waits for. */
const firstAnswer: Record<MeasuredFunction, string> = {
  createTask: 'first 201 of POST /tasks',
  onTaskCreated: 'first event handled',
};

type Run = ColdStart & { database: number };

/** What a function costs that was not running. */
export const coldStartFigure: Figure = {
  name: 'coldStart',
  summary: 'from spawning a function to its first answer, beside a bare node:http server',
  measure: async ({ nodes, onProgress, ...options }) =>
    (
      await onEachNode(nodes, async ({ version, cached, bare, function: functionOf }, world) => {
        onProgress(`cold start on Node ${version}`);
        const measured = await alternate<Run>(
          [
            { name: 'bare', run: async () => ({ ...(await coldStart(await bare())), database: 0 }) },
            ...measuredFunctions.map((name) => ({
              name,
              async run(): Promise<Run> {
                const program = await functionOf(name);
                world.databaseMs();
                return { ...(await coldStart(program)), database: world.databaseMs() };
              },
            })),
          ],
          { onProgress, ...options },
        );
        const node = `Node ${version.split('.')[0]}${cached ? ', compiled before' : ''}`;
        const bareRuns = measured.get('bare') ?? [];
        return measuredFunctions.flatMap((name) =>
          rowsOf(`${name}, ${node}`, firstAnswer[name], measured.get(name) ?? [], bareRuns, cached ? 1.15 : 1.4),
        );
      })
    ).flat(),
};

function rowsOf(subject: string, answer: string, runs: readonly Run[], bare: readonly Run[], goal: number): Row[] {
  const of = (list: readonly Run[], take: (run: Run) => number) => summarise(list.map(take));
  const bareAnswered = of(bare, ({ answered }) => answered);
  const rows = [
    row(`${subject}: listening`, {
      unit: 'ms',
      measured: of(runs, ({ listening }) => listening),
      yardstick: of(bare, ({ listening }) => listening),
    }),
    row(`${subject}: ${answer}`, {
      unit: 'ms',
      measured: of(runs, ({ answered }) => answered),
      yardstick: bareAnswered,
    }),
    row(`${subject}: of that, the database`, { unit: 'ms', measured: of(runs, ({ database }) => database) }),
    row(`${subject}: ${answer}, without the database`, {
      unit: 'ms',
      measured: of(runs, ({ answered, database }) => answered - database),
      yardstick: bareAnswered,
      goal,
    }),
  ];
  const cpu = (list: readonly Run[]) => list.flatMap((run) => (run.cpu === null ? [] : [run.cpu]));
  if (cpu(runs).length === 0) return rows;
  const measured = summarise(cpu(runs));
  return [...rows, row(`${subject}: computing until then`, { unit: 'ms', measured, yardstick: summarise(cpu(bare)) })];
}
