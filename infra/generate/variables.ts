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

/** Where a function listens is Knative's to say. */
const GIVEN_BY_KNATIVE = ['HOST', 'PORT'];

/** The environment variables that a function is given by its deployment. */
export function variablesOf(definition: FunctionDefinition): Variable[] {
  const variables: [string, z.core.$ZodType][] = Object.entries(environmentSchema(definition).shape);
  return variables
    .filter(([name]) => !GIVEN_BY_KNATIVE.includes(name))
    .map(([name, schema]) => ({
      name,
      optional: z.safeParse(schema, undefined).success,
      secret: z.globalRegistry.get(schema)?.secret === true,
    }));
}
