import type { Context } from 'hono';
import { DomainError, type ErrorCode, type Fault } from '../domain/errors.ts';

/** A problem in the form of RFC 9457. `errors` names each fault by JSON Pointer, as that RFC's own example does. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail?: string;
  errors?: { pointer: string; detail: string }[];
}

/** The HTTP status of each way to be refused. */
export const statusOf = {
  malformed: 400,
  invalid: 422,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  precondition_failed: 412,
  in_flight: 409,
  key_reused: 422,
  limit_reached: 409,
  gone: 410,
  too_large: 413,
  unsupported_media_type: 415,
  unavailable: 503,
} as const satisfies Record<ErrorCode, number>;

const titleOf: Record<ErrorCode, string> = {
  malformed: 'The request cannot be read',
  invalid: 'The request breaks a rule',
  unauthenticated: 'Authentication is needed',
  forbidden: 'The token does not allow this',
  not_found: 'There is no such thing',
  conflict: 'Somebody else was faster',
  precondition_failed: 'It has changed since',
  in_flight: 'The same request is under way',
  key_reused: 'The idempotency key was used for another request',
  limit_reached: 'There are too many of them',
  gone: 'That is no longer known',
  too_large: 'The request is too large',
  unsupported_media_type: 'The content type is not supported',
  unavailable: 'Try again in a moment',
};

/**
 * The one place that turns an error into an answer. What the caller did not cause says nothing of its cause: that
 * stands in the log.
 */
export function problemResponse(c: Context, error: unknown): Response {
  if (!(error instanceof DomainError)) {
    return respond(c, { type: 'about:blank', title: 'Internal Server Error', status: 500 });
  }
  const status = statusOf[error.code];
  if (status === 401) c.header('WWW-Authenticate', 'Bearer');
  // RFC 6750, section 3.1
  if (status === 403) c.header('WWW-Authenticate', 'Bearer error="insufficient_scope"');
  return respond(c, {
    type: `urn:evolution-todo:problem:${error.code.replaceAll('_', '-')}`,
    title: titleOf[error.code],
    status,
    detail: error.message,
    ...(error.faults.length > 0 && { errors: error.faults.map(asFragment) }),
  });
}

function asFragment({ pointer, detail }: Fault) {
  return { pointer: `#${pointer}`, detail };
}

function respond(c: Context, problem: Problem): Response {
  c.header('Content-Type', 'application/problem+json');
  return c.body(JSON.stringify(problem), problem.status as 400);
}
