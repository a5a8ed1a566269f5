import { readdir } from 'node:fs/promises';
import { type FunctionDefinition, isCron, isJob } from '../shared/runtime/defineFunction.ts';
import { jobsSetBy } from '../shared/runtime/wakeUp.ts';

const folder = new URL('../functions/', import.meta.url);

/** Every function's definition, by name: the default export of `functions/<name>/<name>.ts`. One at most sends e-mails, and who sets jobs sets those of some function. */
export async function loadFunctions(): Promise<FunctionDefinition[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const definitions = await Promise.all(names.sort().map(loadFunction));
  refuseTwoMailers(definitions);
  refuseNobodysJobs(definitions);
  return definitions;
}

/** @throws where two functions send e-mails: at the same moment, Dapr's binding would mix them up (see `daprMailer`) */
export function refuseTwoMailers(definitions: readonly FunctionDefinition[]): void {
  const names = definitions.filter(({ sendsEmail }) => sendsEmail).map(({ name }) => name);
  if (names.length > 1) throw new Error(`only one function may send e-mails, not ${names.join(' and ')}`);
}

/** @throws where a function sets a job that wakes none: the gateway would have nowhere to send it */
export function refuseNobodysJobs(definitions: readonly FunctionDefinition[]): void {
  const taken = new Set(definitions.filter(isJob).map(({ trigger }) => trigger.job));
  for (const definition of definitions) {
    const lost = jobsSetBy(definition).filter((job) => !taken.has(job));
    if (lost.length > 0)
      throw new Error(`${definition.name} sets ${lost.join(' and ')}, and no function has a job of that name`);
  }
}

/** The schedules of crons, by the names of their bindings, that differ where no job wakes anybody for what is due. */
export function schedulesWithoutJobs(definitions: readonly FunctionDefinition[]): Record<string, string> {
  const triggers = definitions.filter(isCron).map(({ trigger }) => trigger);
  return Object.fromEntries(
    triggers.flatMap(({ binding, withoutJobs }) => (withoutJobs === undefined ? [] : [[binding, withoutJobs]])),
  );
}

/** A function's definition. @throws where its module has none of this name */
export async function loadFunction(name: string): Promise<FunctionDefinition> {
  const module: { default?: FunctionDefinition } = await import(new URL(`${name}/${name}.ts`, folder).href);
  if (module.default?.name !== name) {
    throw new Error(`functions/${name}/${name}.ts must export by default a definition with the name "${name}"`);
  }
  return module.default;
}
