import { DomainError } from '../domain/errors.ts';

/**
 * Why a function failed, for whoever looks at its dead letters: a refusal in its own words, of anything else the names
 * and codes along its causes (`NeonDbError 42P01`). Other messages may quote a payload or a secret: they are in the log.
 */
export function failureReason(error: unknown): string {
  if (error instanceof DomainError) return error.message;
  const names = causesOf(error).map(({ name, code }) => (typeof code === 'string' ? `${name} ${code}` : name));
  return names.join(' <- ') || 'something that is no error';
}

/** An error with the codes that Node (`ECONNREFUSED`) and Postgres (SQLSTATE) give theirs. */
type CodedError = Error & { code?: unknown; sourceError?: unknown };

function causesOf(error: unknown): CodedError[] {
  const causes: CodedError[] = [];
  let current = error;
  while (current instanceof Error && causes.length < CAUSES_TOLD) {
    const coded: CodedError = current;
    causes.push(coded);
    // Neon's driver has a property of its own for it.
    current = coded.cause ?? coded.sourceError;
  }
  return causes;
}

/** A chain is rarely longer than three, but could be a circle. */
const CAUSES_TOLD = 5;
