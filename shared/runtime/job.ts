import type { Context as HonoContext } from 'hono';
import * as z from 'zod/mini';
import { DomainError } from '../domain/errors.ts';
import { describeFaults } from '../events/event.ts';
import { answerWork, refuseStranger } from './calledByDapr.ts';
import type { JobFunction } from './defineFunction.ts';
import type { Invocation } from './invocation.ts';
import { readJson } from './requestBody.ts';
import { parseTraceparent } from './trace.ts';

/** More than a sidecar takes when a job is set (`--max-body-size`). */
const DATA_LIMIT_BYTES = 4 * 1024 * 1024;

/**
 * Answers a job that has come due with a function, once its work and the publishing that follows are done. A 500 makes
 * Dapr try again, as the job's failure policy says; anything in the 200s ends the job. So does a 404, which it never
 * answers: data that can't be read is told of in the log, and answered like work that is done, since it would come as it is.
 */
export function serveJob(definition: JobFunction, invocation: Invocation) {
  const { environment, begin } = invocation;
  const { job } = definition.trigger;

  return async function jobTrigger(c: HonoContext): Promise<Response> {
    const refusal = refuseStranger(c, environment);
    if (refusal) return refusal;

    const parent = parseTraceparent(c.req.header('traceparent'));
    const work = begin(`job ${job}`, { kind: 'internal', parent });
    const read = await readData(c, definition.data);
    if ('fault' in read) {
      work.end('error', { outcome: 'dropped', reason: read.fault });
      return c.json({});
    }
    return answerWork(c, invocation, work, () => definition.handler(read.data, work.contextFor('system') as never));
  };
}

const jobBody = { contentTypes: ['application/json'], limit: DATA_LIMIT_BYTES };

/** Parses what the job was set with, or says why it can't be. */
async function readData(
  c: HonoContext,
  schema: z.core.$ZodType | undefined,
): Promise<{ data: unknown } | { fault: string }> {
  if (!schema) return { data: undefined };
  try {
    const { success, data, error } = z.safeParse(schema, await readJson(c.req.raw, jobBody));
    return success ? { data } : { fault: describeFaults(error, 'data') };
  } catch (error) {
    if (error instanceof DomainError) return { fault: error.message };
    throw error;
  }
}
