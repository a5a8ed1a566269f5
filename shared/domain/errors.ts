/** One fault of an input: where it is, as a JSON Pointer (RFC 6901), and what is wrong with it. */
export interface Fault {
  pointer: string;
  detail: string;
}

/** Every way in which a request can be refused. What each means on the wire is decided by the runtime alone. */
export type ErrorCode =
  | 'malformed' // the body is not what its content type says
  | 'invalid' // well formed, but against the rules
  | 'unauthenticated'
  | 'forbidden' // known who it is, and that they may not
  | 'not_found' // absent, or somebody else's
  | 'conflict' // somebody else changed it first
  | 'precondition_failed' // it is not at the version that the caller knows
  | 'in_flight' // the same request is under way
  | 'key_reused' // an idempotency key that was another request's
  | 'limit_reached'
  | 'gone' // it was there, and what is asked for has been forgotten
  | 'too_large'
  | 'unsupported_media_type'
  | 'unavailable'; // something that is needed is away for now

/** A refusal that the caller can understand and act on. It knows nothing of HTTP. */
export class DomainError extends Error {
  readonly code: ErrorCode;
  readonly faults: readonly Fault[];

  constructor(code: ErrorCode, message: string, faults: readonly Fault[] = [], options?: ErrorOptions) {
    super(message, options);
    this.name = 'DomainError';
    this.code = code;
    this.faults = faults;
  }
}

/** An input that is well formed but against the rules, with a pointer to each fault. */
export function invalid(...faults: [Fault, ...Fault[]]): DomainError {
  return new DomainError('invalid', 'The request is well formed but breaks a rule.', faults);
}
