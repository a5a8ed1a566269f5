import type * as z from 'zod/mini';
import type { Fault } from './errors.ts';
import './english.ts';

type Issue = z.core.$ZodIssue;

/** Everything that a schema found wrong, each with a JSON Pointer (RFC 6901) to where it stands in the input. */
export function faultsOf(error: z.core.$ZodError): [Fault, ...Fault[]] {
  return error.issues.flatMap((issue) => faultsOfIssue(issue, [])) as [Fault, ...Fault[]];
}

function faultsOfIssue(issue: Issue, parents: readonly PropertyKey[]): Fault[] {
  const path = [...parents, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ pointer: pointerTo([...path, key]), detail: 'This field is not known.' }));
  }
  const closest = issue.code === 'invalid_union' && closestBranch(issue.errors);
  if (closest) return closest.flatMap((inner) => faultsOfIssue(inner, path));
  return [{ pointer: pointerTo(path), detail: issue.message }];
}

/** Of the alternatives that a value could have been, the one that it comes nearest to: whose faults lie deepest, then fewest. */
function closestBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const depth = (branch: readonly Issue[]) => Math.max(...branch.map((issue) => issue.path.length));
  const unknownKeys = (branch: readonly Issue[]) => branch.filter((issue) => issue.code === 'unrecognized_keys').length;
  return [...branches].sort((a, b) => unknownKeys(a) - unknownKeys(b) || a.length - b.length || depth(b) - depth(a))[0];
}

/** The JSON Pointer (RFC 6901) to a place in an input. */
export function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
