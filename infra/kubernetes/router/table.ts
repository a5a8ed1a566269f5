import * as z from 'zod';

const serviceRoute = z.strictObject({
  /** The Knative Service that takes it. */
  service: z.string().min(1),
  audience: z.enum(['public', 'internal']),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  /** With `:param` segments. */
  path: z.string().startsWith('/'),
  /** From a request's arrival to the end of its answer, cold start included, in milliseconds. */
  timeoutMs: z.int().positive(),
});

/** A route of a function, and the Service behind it. */
export type ServiceRoute = z.output<typeof serviceRoute>;

/** Reads the router's table from JSON, as `npm run generate` writes it; throws what is wrong with it. */
export function readTable(json: string): ServiceRoute[] {
  return z.array(serviceRoute).min(1).parse(JSON.parse(json));
}
