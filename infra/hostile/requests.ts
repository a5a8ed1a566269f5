import * as fc from 'fast-check';
import type { HttpFunction } from '../../shared/runtime/defineFunction.ts';
import { attacks } from './attacks.ts';
import { drafts, written } from './draft.ts';
import type { Population } from './population.ts';
import type { HostileRequest } from './request.ts';

/** Requests to a function, from its definition: two fifths of them valid, the others with one or two things wrong. */
export function requestsTo(definition: HttpFunction, population: Population): fc.Arbitrary<HostileRequest> {
  const valid = drafts(definition, population);
  const attacked = fc
    .tuple(valid, fc.array(attacks(definition, population), { minLength: 1, maxLength: 2 }))
    .map(([draft, edits]) => edits.reduce((edited, edit) => edit(edited), draft));
  return fc
    .oneof({ weight: 2, arbitrary: valid }, { weight: 3, arbitrary: attacked })
    .map((draft) => written(definition, draft));
}
