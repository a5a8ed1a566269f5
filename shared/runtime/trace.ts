import type { Context } from 'hono';

/** The trace that a request belongs to (W3C Trace Context). Dapr sends an all-zero one, which is invalid, for none. */
export function traceOf(c: Context): string | undefined {
  const parent = c.req.header('traceparent');
  return parent && !/^00-0{32}-/.test(parent) ? parent : undefined;
}
