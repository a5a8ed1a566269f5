/** What stands in `traceparent` where there is no trace; the W3C recommendation calls it invalid, and Dapr sends it. */
export const NO_TRACE = '00-00000000000000000000000000000000-0000000000000000-00';

const TRACE_PARENT = /^[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** A publish request's trace, as the W3C Trace Context recommendation writes it; empty where there is none. */
export interface TraceContext {
  traceparent: string;
  tracestate: string;
}

/** Reads the trace headers of a request; a `traceparent` that is not valid counts as none. */
export function traceOf(headers: NodeJS.Dict<string | string[]>): TraceContext {
  const traceparent = String(headers.traceparent ?? '');
  if (!isTraceParent(traceparent)) return { traceparent: '', tracestate: '' };
  return { traceparent, tracestate: String(headers.tracestate ?? '') };
}

/** Is this a valid `traceparent` that names a trace? */
export function isTraceParent(value: unknown): value is string {
  return typeof value === 'string' && TRACE_PARENT.test(value);
}
