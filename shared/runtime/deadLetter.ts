import type { Context as HonoContext } from 'hono';
import * as z from 'zod/mini';
import { DomainError } from '../domain/errors.ts';
import { foreignName } from '../domain/text.ts';
import { originalTopic } from '../events/catalogue.ts';
import type { DeadLetter } from '../events/deadLetter.ts';
import { refuseStranger } from './calledByDapr.ts';
import type { DeadLetterFunction } from './defineFunction.ts';
import type { Invocation } from './invocation.ts';
import { readBytes } from './requestBody.ts';
import { parseTraceparent } from './trace.ts';

/** A broker takes events of at most 1 MiB (`maxMessageBytes`), which Dapr sends in Base64: four bytes for three. */
const LETTER_LIMIT_BYTES = 2 * 1024 * 1024;

/**
 * Answers a delivery from a dead-letter topic with a function. Whatever comes is kept, so there is no DROP (nor a 404):
 * behind these topics stands no other, and what Dapr gives up there is lost. A 500 makes it come again.
 */
export function serveDeadLetter(definition: DeadLetterFunction, { environment, begin, measure }: Invocation) {
  return async function deadLetterTrigger(c: HonoContext): Promise<Response> {
    const refusal = refuseStranger(c, environment);
    if (refusal) return refusal;

    const parent = parseTraceparent(c.req.header('traceparent'));
    const { contextFor, end } = begin('process dead letter', { kind: 'consumer', parent });
    try {
      const letter = await readLetter(c);
      const told = await definition.handler(letter, contextFor('system') as never);
      end('warn', { outcome: 'kept', topic: letter.topic, ...told });
      measure('evolution_todo.dead_letters', 1, { topic: letter.topic });
      return c.json({ status: 'SUCCESS' });
    } catch (error) {
      end('error', { outcome: 'failed', error });
      return c.json({ error: 'The dead letter could not be kept now.' }, 500);
    }
  };
}

async function readLetter(c: HonoContext): Promise<DeadLetter> {
  const body = await readBytes(c.req.raw, LETTER_LIMIT_BYTES).catch(tooLarge);
  const { topic = c.req.header('__topic') ?? 'unknown', payload = body } = body ? unwrap(body) : {};
  return {
    topic: originalTopic(topic),
    key: foreignName.parse(c.req.header('__key') ?? null),
    payload: payload && Buffer.from(payload),
    position: `partition ${c.req.header('__partition')}, offset ${c.req.header('__offset')}`,
  };
}

function tooLarge(error: unknown): null {
  if (error instanceof DomainError && error.code === 'too_large') return null;
  throw error;
}

/** What Dapr wraps a message in for a raw subscription, where it does not look whether the message is an event. */
const wrapperSchema = z.object({ topic: z.string(), data_base64: z.string() });

/** Takes a message out of Dapr's wrapper; what comes without one is the message itself. */
function unwrap(body: Uint8Array): { topic?: string; payload?: Buffer } {
  try {
    const { topic, data_base64 } = wrapperSchema.parse(JSON.parse(Buffer.from(body).toString('utf8')));
    return { topic, payload: Buffer.from(data_base64, 'base64') };
  } catch {
    return {};
  }
}
