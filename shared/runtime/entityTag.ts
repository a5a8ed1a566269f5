import { DomainError } from '../domain/errors.ts';

/** The entity tag of a version (RFC 9110, section 8.8.3). */
export function entityTag(version: number | string): string {
  return `"${version}"`;
}

/** Throws `precondition_failed` where `If-Match` does not allow this version (RFC 9110, section 13.1.1). */
export function requireMatch(ifMatch: string | undefined, version: number): void {
  if (ifMatch === undefined || names(ifMatch, entityTag(version))) return;
  throw new DomainError('precondition_failed', `It is at version ${version} now: read it again.`);
}

/** Whether `If-None-Match` says that the client has this version (section 13.1.2), for which weak tags count too. */
export function isKnown(ifNoneMatch: string | undefined, tag: string): boolean {
  return ifNoneMatch !== undefined && names(ifNoneMatch.replaceAll(/\bW\/(?=")/g, ''), tag);
}

function names(list: string, tag: string): boolean {
  return list.split(',').some((each) => each.trim() === tag || each.trim() === '*');
}
