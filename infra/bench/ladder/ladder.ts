import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleEntry } from '../../bundle/bundle.ts';
import type { MeasuredFunction } from '../subjects.ts';

/** A program between the bare server and a function: it has one part of the function more than the one before it. */
export interface Rung {
  /** Names the part that it adds. */
  part: string;
  /** Its module. */
  entry: string;
}

/** The steps of a function's request, in the order in which the ladder adds them, and what each brings along. */
const steps: Record<MeasuredFunction, readonly { part: string; step: string }[]> = {
  createTask: [
    { part: 'zod, which reads the body', step: 'parseTask' },
    { part: 'jose, which verifies the token', step: 'verifyToken' },
    { part: 'Neon’s driver, which sends a transaction', step: 'queryDatabase' },
  ],
  onTaskCreated: [
    { part: 'zod, which reads the event', step: 'parseEvent' },
    { part: 'Neon’s driver, which sends a transaction', step: 'queryDatabase' },
  ],
};

/** Node's own modules that a function loads, beside `node:http`. */
const nodeModules = ['node:crypto', 'node:fs', 'node:module', 'node:timers/promises'];

/** What leads from the bare server to a function, a part at a time; what is missing at its end is the project's own work. */
export function ladderTo(name: MeasuredFunction): readonly Rung[] {
  const bare = nodeModules.map((module) => `import '${module}';\n`).join('');
  const names = steps[name].map(({ step }) => step);
  return [
    { part: 'Node’s other modules', entry: `${bare}import './infra/bench/bareServer.cjs';` },
    { part: 'Hono and the project’s server', entry: serving([]) },
    ...steps[name].map(({ part }, index) => ({ part, entry: serving(names.slice(0, index + 1)) })),
    { part: 'the function’s own modules, and reading its environment', entry: `${loading(name)}\n${serving(names)}` },
  ];
}

function serving(steps: readonly string[]): string {
  return [
    "import { serveSteps } from './infra/bench/ladder/serveSteps.ts';",
    ...steps.map((step) => `import { ${step} } from './infra/bench/ladder/${step}.ts';`),
    `serveSteps([${steps.map((step) => `${step}()`).join(', ')}]);`,
  ].join('\n');
}

function loading(name: MeasuredFunction): string {
  return `
    import definition from './functions/${name}/${name}.ts';
    import { readEnvironment } from './shared/runtime/environment.ts';
    readEnvironment(definition, process.env);`;
}

/** Bundles a rung as functions are, into a folder; resolves to the path of its module. */
export async function bundleRung({ entry }: Rung, folder: string): Promise<string> {
  const { files } = await bundleEntry('rung', entry);
  await mkdir(folder, { recursive: true });
  for (const { name, contents } of files) await writeFile(join(folder, name), contents);
  return join(folder, 'index.js');
}
