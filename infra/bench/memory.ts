import { setTimeout as sleep } from 'node:timers/promises';
import { alternate } from './alternate.ts';
import { ask, type Program, start } from './coldProcess.ts';
import { type Figure, row } from './figure.ts';
import { residentMb } from './processUsage.ts';
import { summarise } from './statistics.ts';
import { measuredFunctions, onEachNode } from './subjects.ts';

/** What makes a function warm. */
const REQUESTS = 5;
/** What follows an answer, such as publishing, is done by then. */
const QUIET_MS = 300;

/** What a function keeps that waits for its next request. */
export const memoryFigure: Figure = {
  name: 'memory',
  summary: 'memory of an idle function that has answered a few requests, beside a bare node:http server',
  measure: async ({ nodes, onProgress, ...options }) =>
    (
      await onEachNode(nodes, async ({ version, bare, function: functionOf }) => {
        onProgress(`memory on Node ${version}`);
        const measured = await alternate(
          [
            { name: 'bare', run: () => memoryOfWarm(bare) },
            ...measuredFunctions.map((name) => ({ name, run: () => memoryOfWarm(() => functionOf(name)) })),
          ],
          { onProgress, ...options },
        );
        const yardstick = summarise(measured.get('bare') ?? []);
        return measuredFunctions.map((name) =>
          row(`${name}, Node ${version.split('.')[0]}`, {
            ...{ unit: 'MB', yardstick, goal: 1.25 },
            measured: summarise(measured.get(name) ?? []),
          }),
        );
      })
    ).flat(),
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
