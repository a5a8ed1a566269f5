import { readdir } from 'node:fs/promises';
import type { FunctionDefinition } from '../shared/runtime/defineFunction.ts';

const folder = new URL('../functions/', import.meta.url);

/** Every function's definition, by name: the default export of `functions/<name>/<name>.ts`. */
export async function loadFunctions(): Promise<FunctionDefinition[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(names.sort().map(load));
}

async function load(name: string): Promise<FunctionDefinition> {
  const module: { default?: FunctionDefinition } = await import(new URL(`${name}/${name}.ts`, folder).href);
  if (module.default?.name !== name) {
    throw new Error(`functions/${name}/${name}.ts must export by default a definition with the name "${name}"`);
  }
  return module.default;
}
