import type { Context as HonoContext } from 'hono';
import { DomainError } from '../domain/errors.ts';
import { claimsOf, describeFaults, parseCloudEvent, tracecontextOf } from '../events/event.ts';
import { recordFailure } from '../store/eventFailures.ts';
import { isAlreadyRecorded, recordEvent } from '../store/inbox.ts';
import { refuseStranger } from './calledByDapr.ts';
import type { Context, EventFunction } from './defineFunction.ts';
import { failureReason } from './failureReason.ts';
import type { Invocation } from './invocation.ts';
import type { Level, LogFields } from './log.ts';
import type { Measurements } from './measurements.ts';
import { readJson } from './requestBody.ts';
import { parseTraceparent } from './trace.ts';

/** A broker takes events of at most 1 MiB (`maxMessageBytes`); the envelope that Dapr completes is a little larger. */
const EVENT_LIMIT_BYTES = 2 * 1024 * 1024;

type Outcome = Measurements['evolution_todo.events.handled']['outcome'];

/**
 * Answers a delivery of Dapr's with a function. SUCCESS: the event took effect, now or before. DROP: it can't be read,
 * now or ever, so it goes to the dead letters. A 500: it is to be delivered again. Never 404, which Dapr takes as final.
 */
export function serveEvent(definition: EventFunction, { environment, begin, measure, inBackground }: Invocation) {
  const type = definition.trigger.event;

  /** Keeps for a dead letter why it became one. That can fail as well; the answer neither waits for it nor depends on it. */
  const recordReason = (eventId: string | null, reason: string, { sql, run, now, log }: Context) => {
    if (eventId === null) return;
    const recording = run(recordFailure(sql, { eventId, functionName: definition.name, reason }, now));
    inBackground(recording.catch((error) => log('warn', { type, event: eventId, outcome: 'reason-lost', error })));
  };

  return async function eventTrigger(c: HonoContext): Promise<Response> {
    const refusal = refuseStranger(c, environment);
    if (refusal) return refusal;

    const delivery = await readJson(c.req.raw, cloudEventBody).catch(unreadable);
    const parent = parseTraceparent(tracecontextOf(delivery)) ?? parseTraceparent(c.req.header('traceparent'));
    const { contextFor, end } = begin(`process ${type}`, { kind: 'consumer', parent });
    const finish = (level: Level, outcome: Outcome, fields: LogFields) => {
      measure('evolution_todo.events.handled', 1, { 'event.type': type, outcome });
      end(level, { type, outcome, ...fields }, { outcome });
    };
    const parsed = delivery instanceof DomainError ? undefined : parseCloudEvent(type, delivery);
    if (!parsed?.success) {
      const reason = parsed ? describeFaults(parsed.error) : (delivery as DomainError).message;
      const { eventId } = claimsOf(delivery);
      finish('error', 'dropped', { event: eventId ?? undefined, reason });
      recordReason(eventId, reason, contextFor('system'));
      return c.json({ status: 'DROP' });
    }

    const event = parsed.data;
    try {
      await definition.handler(
        event,
        once(definition.name, event.event_id, contextFor({ userId: event.user_id })) as never,
      );
      finish('info', 'handled', { event: event.event_id });
    } catch (error) {
      if (!isAlreadyRecorded(error)) {
        finish('error', 'failed', { event: event.event_id, error });
        recordReason(event.event_id, failureReason(error), contextFor('system'));
        return c.json({ error: 'The event could not be handled now.' }, 500);
      }
      finish('info', 'duplicate', { event: event.event_id });
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
      const record = recordEvent(context.sql, functionName, eventId, context.now);
      const [, ...results] = await context.commit({ ...change, statements: [record, ...change.statements] });
      // One that was rolled back may be made again, otherwise.
      committed = true;
      return results;
    },
  };
}

function unreadable(error: unknown): DomainError {
  if (error instanceof DomainError) return error;
  throw error;
}
