import type { FunctionDefinition } from '../../shared/runtime/defineFunction.ts';
import { environmentSchema } from '../../shared/runtime/environment.ts';

/** Of the variables that a platform has, those that a function wants: it is told nothing else, secrets least of all. */
export function functionVariables(
  definition: FunctionDefinition,
  all: Readonly<Record<string, string>>,
): Record<string, string> {
  const wanted = Object.keys(environmentSchema(definition).shape);
  return Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes(name)));
}
