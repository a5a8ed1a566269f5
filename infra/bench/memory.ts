import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '../real/temporaryFolder.ts';
import { alternate } from './alternate.ts';
import { ask, type Program, start } from './coldProcess.ts';
import { contender, makeLadders, startedOn } from './coldStartPrograms.ts';
import { type Figure, row } from './figure.ts';
import { residentMb } from './processUsage.ts';
import { summarise } from './statistics.ts';
import { measuredFunctions, onEachNode } from './subjects.ts';

/** What makes a function warm. */
const REQUESTS = 5;
/** What follows an answer, such as publishing, is done by then. */
const QUIET_MS = 300;
/** It hardly differs from one run to the next. */
const MOST_RUNS = 5;

/** What a function keeps that waits for its next request, and which of its parts keeps what. */
export const memoryFigure: Figure = {
  name: 'memory',
  summary:
    'memory of an idle function that has answered a few requests, beside a bare node:http server, and by its parts',
  async measure({ nodes, runs: wanted, onProgress, ...options }) {
    const folder = await temporaryFolder('evolution-todo-bench-');
    try {
      const ladder = await makeLadders(folder);
      const rows = await onEachNode(nodes, async (subjects) => {
        onProgress(`memory on Node ${subjects.version}`);
        const contenders = startedOn(subjects, { ladder });
        const measured = await alternate(
          contenders.map(({ name, programOf }) => ({ name, run: () => memoryOfWarm(programOf) })),
          { onProgress, runs: Math.min(wanted, MOST_RUNS), ...options },
        );
        const of = (name: string) => summarise(measured.get(name) ?? []);
        const beside = { unit: 'MB', yardstick: of(contender.bare) } as const;
        return measuredFunctions.flatMap((name) => {
          const subject = `${name}, Node ${subjects.version.split('.')[0]}`;
          return [
            row(subject, { ...beside, measured: of(name), goal: 1.25 }),
            ...ladder[name].map((rung) =>
              row(`${subject}: a program up to ${rung.part}`, {
                ...beside,
                measured: of(contender.rung(name, rung)),
              }),
            ),
          ];
        });
      });
      return rows.flat();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** `programOf` gives the program with a new request each time. */
async function memoryOfWarm(programOf: () => Promise<Program>): Promise<number> {
  const program = await programOf();
  const running = await start(program);
  try {
    for (let count = 0; count < REQUESTS; count += 1) await ask(running, await programOf());
    await sleep(QUIET_MS);
    return await residentMb(running.child.pid);
  } finally {
    await running.stop('SIGKILL');
  }
}
