import type { HttpFunction } from '../../../shared/runtime/defineFunction.ts';

/** Whether a function takes a body. */
export function takesBody({ input }: HttpFunction): boolean {
  return input?.body !== undefined;
}

/** Whether a function's path names one thing. */
export function namesThing({ input }: HttpFunction): boolean {
  return input?.params !== undefined;
}

/** Whether a function changes something: then its requests can carry an `Idempotency-Key`. */
export function isWrite({ trigger }: HttpFunction): boolean {
  return !trigger.http.startsWith('GET ');
}

/** Whether a function's answers have a version, and so an `ETag`. */
export function hasVersion({ output }: HttpFunction): boolean {
  return output.version !== undefined;
}

/** Whether a function changes one thing, and that only at the version which `If-Match` names. */
export function heedsIfMatch(definition: HttpFunction): boolean {
  const changesOne = namesThing(definition) || definition.trigger.http.startsWith('PATCH ');
  return isWrite(definition) && changesOne && hasVersion(definition);
}

/** Whether a function answers 304 to who has the version already (`If-None-Match`). */
export function heedsIfNoneMatch(definition: HttpFunction): boolean {
  return !isWrite(definition) && hasVersion(definition);
}

/** Whether a function goes on where a client's copy stands. */
export function followsChanges({ input }: HttpFunction): boolean {
  return input?.query !== undefined && 'since' in input.query._zod.def.shape;
}
