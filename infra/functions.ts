import { readdir } from 'node:fs/promises';
import type { FunctionDefinition } from '../shared/runtime/defineFunction.ts';

const folder = new URL('../functions/', import.meta.url);

/** Every function's definition, by name: the default export of `functions/<name>/<name>.ts`. One at most sends e-mails. */
export async function loadFunctions(): Promise<FunctionDefinition[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const definitions = await Promise.all(names.sort().map(loadFunction));
  refuseTwoMailers(definitions);
  return definitions;
}

/** @throws where two functions send e-mails: at the same moment, Dapr's binding would mix them up (see `daprMailer`) */
export function refuseTwoMailers(definitions: readonly FunctionDefinition[]): void {
  const names = definitions.filter(({ sendsEmail }) => sendsEmail).map(({ name }) => name);
  if (names.length > 1) throw new Error(`only one function may send e-mails, not ${names.join(' and ')}`);
}

/** A function's definition. @throws where its module has none of this name */
export async function loadFunction(name: string): Promise<FunctionDefinition> {
  const module: { default?: FunctionDefinition } = await import(new URL(`${name}/${name}.ts`, folder).href);
  if (module.default?.name !== name) {
    throw new Error(`functions/${name}/${name}.ts must export by default a definition with the name "${name}"`);
  }
  return module.default;
}
