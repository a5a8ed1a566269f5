import * as z from 'zod';
import type { FunctionDefinition } from '../../shared/runtime/defineFunction.ts';
import { environmentSchema } from '../../shared/runtime/environment.ts';

/** An environment variable of a function, as its schema has it. */
export interface Variable {
  name: string;
  /** Whether the function starts without it. */
  optional: boolean;
  /** Whether it belongs into a Secret. */
  secret: boolean;
}

/** A function's environment variables. */
export function variablesOf(definition: FunctionDefinition): Variable[] {
  const variables: [string, z.core.$ZodType][] = Object.entries(environmentSchema(definition).shape);
  return variables.map(([name, schema]) => ({
    name,
    optional: z.safeParse(schema, undefined).success,
    secret: z.globalRegistry.get(schema)?.secret === true,
  }));
}
