import { rm } from 'node:fs/promises';
import { temporaryFolder } from '../real/temporaryFolder.ts';
import { alternate } from './alternate.ts';
import { coldStart } from './coldProcess.ts';
import { makePrograms, startedOn } from './coldStartPrograms.ts';
import { coldStartRows, type Run } from './coldStartRows.ts';
import type { Figure } from './figure.ts';
import { measuredFunctions, onEachNode } from './subjects.ts';

/** What a function costs that was not running, and which of its parts costs what. */
export const coldStartFigure: Figure = {
  name: 'coldStart',
  summary:
    'from spawning a function to its first answer, beside a bare node:http server, itself with whole packages, and FastAPI',
  async measure({ nodes, onProgress, ...options }) {
    const folder = await temporaryFolder('evolution-todo-bench-');
    try {
      const programs = await makePrograms(folder, onProgress);
      const rows = await onEachNode(nodes, async (subjects, world) => {
        onProgress(`cold start on Node ${subjects.version}`);
        const contenders = startedOn(subjects, programs).map(({ name, programOf }) => ({
          name,
          async run(): Promise<Run> {
            const program = await programOf();
            world.databaseMs();
            return { ...(await coldStart(program)), database: world.databaseMs() };
          },
        }));
        const measured = await alternate(contenders, { onProgress, ...options });
        return measuredFunctions.flatMap((name) => coldStartRows(name, subjects, programs.ladder[name], measured));
      });
      return rows.flat();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};
