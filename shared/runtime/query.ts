import * as z from 'zod/mini';
import { invalid } from '../domain/errors.ts';
import { faultsOf, pointerTo } from '../domain/faults.ts';

/**
 * Reads the query of an address. A parameter that the schema has as an array may be repeated and is always a list; any
 * other is a text, and is refused where it stands twice: which of the two was meant, nobody can tell.
 */
export function parseQuery(schema: z.core.$ZodObject | undefined, url: string): unknown {
  if (!schema) return undefined;
  const given = new URL(url).searchParams;
  const names = [...new Set(given.keys())];
  const { shape } = schema._zod.def;
  const lists = new Set(names.filter((name) => Object.hasOwn(shape, name) && isList(shape[name])));
  const repeated = names.filter((name) => !lists.has(name) && given.getAll(name).length > 1);
  const [first, ...others] = repeated.map((name) => ({
    pointer: pointerTo([name]),
    detail: 'This parameter may stand in the query only once.',
  }));
  if (first) throw invalid(first, ...others);
  const result = z.safeParse(
    schema,
    Object.fromEntries(names.map((name) => [name, lists.has(name) ? given.getAll(name) : given.get(name)])),
  );
  if (result.success) return result.data;
  throw invalid(...faultsOf(result.error));
}

/** Whether a field is an array behind what makes it optional or gives it a default. */
function isList(field: z.core.$ZodType | undefined): boolean {
  const { type, innerType } = (field?._zod.def ?? {}) as { type?: string; innerType?: z.core.$ZodType };
  return type === 'array' || (innerType !== undefined && isList(innerType));
}
