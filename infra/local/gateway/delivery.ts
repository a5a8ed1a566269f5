import type { IncomingHttpHeaders } from 'node:http';

/** What the paths begin with at which functions take events, ticks and jobs (`routeOf` in shared/runtime/route.ts). */
const DELIVERY_PATH = /^\/(events|bindings|job)(\/|$)/;

/** What daprd sends along with an event, and with a tick, whatever the path. */
const DELIVERY_HEADERS = ['pubsubname', 'readtimeutc'];

/**
 * Tells what the sidecar delivers itself, an event, a tick or a job, from a request that it passes on for somebody (service
 * invocation). In doubt it is a delivery: a caller can bear a 503 in place of a 404, an event or a job can't bear a 404.
 */
export function isDelivery(path: string, headers: IncomingHttpHeaders): boolean {
  return DELIVERY_PATH.test(path) || DELIVERY_HEADERS.some((name) => headers[name] !== undefined);
}
