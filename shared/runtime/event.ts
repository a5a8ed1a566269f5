import type { Context as HonoContext } from 'hono';
import type * as z from 'zod';
import { DomainError } from '../domain/errors.ts';
import { parseCloudEvent } from '../events/event.ts';
import { isAlreadyRecorded, recordEvent } from '../store/inbox.ts';
import { refuseStranger } from './calledByDapr.ts';
import type { Context, EventFunction } from './defineFunction.ts';
import type { Invocation } from './invocation.ts';
import { readJson } from './requestBody.ts';
import { traceOf } from './trace.ts';

/** A broker takes events of at most 1 MiB (`maxMessageBytes`); the envelope that Dapr completes is a little larger. */
const EVENT_LIMIT_BYTES = 2 * 1024 * 1024;

/**
 * Answers a delivery of Dapr's with a function. SUCCESS: the event took effect, now or before. DROP: it can't be read,
 * now or ever, so it goes to the dead letters. A 500: it is to be delivered again. Never 404, which Dapr takes as final.
 */
export function serveEvent(definition: EventFunction, { environment, log, createContext }: Invocation) {
  const type = definition.trigger.event;

  return async function eventTrigger(c: HonoContext): Promise<Response> {
    const started = performance.now();
    const refusal = refuseStranger(c, environment);
    if (refusal) return refusal;

    const fields = () => ({ type, trace: traceOf(c), ms: Math.round(performance.now() - started) });
    const context = createContext();
    const delivery = await readJson(c.req.raw, cloudEventBody).catch(unreadable);
    const parsed = delivery instanceof DomainError ? undefined : parseCloudEvent(type, delivery);
    if (!parsed?.success) {
      const reason = parsed ? summary(parsed.error) : (delivery as DomainError).message;
      log('error', { ...fields(), event: idOf(delivery), outcome: 'dropped', reason });
      return c.json({ status: 'DROP' });
    }

    const event = parsed.data;
    try {
      await definition.handler(event, once(definition.name, event.event_id, context) as never);
      log('info', { ...fields(), event: event.event_id, outcome: 'handled' });
    } catch (error) {
      if (!isAlreadyRecorded(error)) {
        log('error', { ...fields(), event: event.event_id, outcome: 'failed', error });
        return c.json({ error: 'The event could not be handled now.' }, 500);
      }
      log('info', { ...fields(), event: event.event_id, outcome: 'duplicate' });
    }
    return c.json({ status: 'SUCCESS' });
  };
}

const cloudEventBody = { contentTypes: ['application/cloudevents+json', 'application/json'], limit: EVENT_LIMIT_BYTES };

/** A context whose one commit also records that the function took this event. */
function once(functionName: string, eventId: string, context: Context): Context {
  let committed = false;
  return {
    ...context,
    async commit(change) {
      if (committed) throw new Error(`${functionName} commits twice for one event: its effect must be one transaction`);
      committed = true;
      const record = recordEvent(context.sql, functionName, eventId, context.now);
      const [, ...results] = await context.commit({ ...change, statements: [record, ...change.statements] });
      return results;
    },
  };
}

function unreadable(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  throw error;
}

function summary(error: z.ZodError): string {
  return error.issues.map(({ path, message }) => `${path.join('.') || 'event'}: ${message}`).join('; ');
}

function idOf(delivery: unknown): string | undefined {
  const id = (delivery as { id?: unknown } | null)?.id;
  return typeof id === 'string' ? id : undefined;
}
