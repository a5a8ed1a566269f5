import { setTimeout as delay } from 'node:timers/promises';
import type { EventReference, OnActivity } from '../activity.ts';
import type { AppChannel } from '../appChannel.ts';
import { type EventAttributes, parseEvent, referenceOf } from '../eventReference.ts';
import { placeOf, type TopicMessage } from '../log/topicLog.ts';
import { CLOUD_EVENT, wrapRawPayload } from '../publish/cloudEvent.ts';
import type { Publisher } from '../publish/publish.ts';
import { isTraceParent, NO_TRACE } from '../publish/traceContext.ts';
import type { DeliveryPolicy } from '../resources/resiliency.ts';
import { readAnswer } from './answer.ts';
import { withRetries } from './retry.ts';
import type { Subscription } from './routing.ts';

/** What the deliveries of a subscription need. */
export interface DeliveryOptions {
  subscription: Subscription;
  policy: DeliveryPolicy;
  /** How long, in milliseconds, until a message that is out of tries and has nowhere else to go is delivered again. */
  redeliveryMs: number;
  publisher: Pick<Publisher, 'forward'>;
  appChannel: AppChannel;
  /** No further try is begun. */
  stopping: AbortSignal;
  /** The running try is cut off. */
  cutting: AbortSignal;
  now: () => Date;
  onActivity: OnActivity;
}

/** What is to be done with a message, as far as it can be told without the app. */
type Plan =
  | { action: 'send'; path: string; body: Buffer; headers: Record<string, string> }
  | { action: 'give-up'; reason: string }
  | { action: 'fail'; reason: string };

/** A message on its way to the app. */
interface Delivery {
  message: TopicMessage;
  event: EventReference;
  plan: Plan;
  /** How often the app was called for it. */
  attempts: number;
}

/**
 * Makes the function that delivers one message of a subscription. It resolves when the message is done with:
 * taken by the app, in the dead-letter topic, or dropped.
 * @throws when stopping: the message is to be delivered again
 */
export function createDelivery(options: DeliveryOptions): (message: TopicMessage) => Promise<void> {
  const { subscription, policy, redeliveryMs, publisher, appChannel, stopping, cutting, now, onActivity } = options;
  const { deadLetterTopic } = subscription;

  // What follows resolves with why it failed, or with nothing.

  async function call(
    delivery: Delivery,
    { path, body, headers }: Plan & { action: 'send' },
  ): Promise<string | undefined> {
    const { event } = delivery;
    const attempt = ++delivery.attempts;
    const startedAt = performance.now();
    const answer = await appChannel
      .request({ method: 'POST', path, body, headers, timeoutMs: policy.timeoutMs, signal: cutting })
      .then(readAnswer, (error: Error) => ({ effect: 'retry' as const, reason: reasonOf(error) }));
    if (answer.effect === 'drop') return giveUp(delivery, answer.reason);
    if (answer.effect === 'retry') return answer.reason;
    onActivity({ kind: 'delivered', event, route: path, attempt, durationMs: performance.now() - startedAt });
    return undefined;
  }

  async function giveUp({ message, event }: Delivery, reason: string): Promise<string | undefined> {
    if (!deadLetterTopic) {
      onActivity({ kind: 'dropped', event, reason });
      return undefined;
    }
    try {
      await publisher.forward(message, deadLetterTopic);
    } catch (error) {
      return `${reason}; and it can't be put into ${deadLetterTopic}: ${(error as Error).message}`;
    }
    onActivity({ kind: 'dead-lettered', event, deadLetterTopic, reason });
    return undefined;
  }

  async function tryByPolicy(delivery: Delivery): Promise<string | undefined> {
    const { plan } = delivery;
    switch (plan.action) {
      case 'give-up':
        return giveUp(delivery, plan.reason);
      case 'fail':
        return plan.reason;
      case 'send':
        return withRetries({
          policy,
          stopping,
          attempt: () => call(delivery, plan),
          onRetry: (reason, inMs) => tellRetry(delivery, reason, inMs),
        });
    }
  }

  function tellRetry({ event, plan, attempts: attempt }: Delivery, reason: string, inMs: number): void {
    onActivity({ kind: 'retrying', event, route: plan.action === 'send' ? plan.path : '', attempt, reason, inMs });
  }

  return async function deliver(message) {
    const attributes = parseEvent(message.payload);
    const plan = planFor(message, attributes, subscription, now());
    const delivery: Delivery = { message, event: referenceOf(message, attributes), plan, attempts: 0 };
    for (;;) {
      let failure = await tryByPolicy(delivery);
      if (failure !== undefined && deadLetterTopic) failure = await giveUp(delivery, failure);
      if (failure === undefined) return;
      tellRetry(delivery, failure, redeliveryMs);
      await delay(redeliveryMs, undefined, { signal: stopping });
    }
  };
}

function planFor(
  message: TopicMessage,
  attributes: EventAttributes | undefined,
  subscription: Subscription,
  now: Date,
): Plan {
  const { pubsubName, topic, metadata, rules } = subscription;
  if (metadata.rawPayload === 'true') {
    const body = Buffer.from(wrapRawPayload(message.payload, pubsubName, topic));
    return planFor({ ...message, payload: body }, parseEvent(body), { ...subscription, metadata: {} }, now);
  }
  if (!attributes) return { action: 'fail', reason: 'it is not a CloudEvent: not a JSON object' };
  if (hasExpired(attributes, now)) return { action: 'give-up', reason: `it expired at ${attributes.expiration}` };
  const rule = rules.find(({ matches }) => matches(attributes));
  if (!rule) return { action: 'give-up', reason: 'no route matches it' };
  const headers = { ...kafkaHeaders(message), ...traceHeader(attributes) };
  return { action: 'send', path: rule.path, body: message.payload, headers };
}

function hasExpired({ expiration }: EventAttributes, now: Date): boolean {
  return typeof expiration === 'string' && Date.parse(expiration) < now.getTime();
}

/** The headers that daprd sends with an event that came from Kafka; what was published as metadata goes before. */
function kafkaHeaders(message: TopicMessage): Record<string, string> {
  return { ...placeOf(message), ...message.metadata, pubsubname: message.pubsubName, 'content-type': CLOUD_EVENT };
}

function traceHeader({ traceparent, traceid }: EventAttributes): Record<string, string> {
  const trace = traceparent ?? traceid;
  if (trace === undefined || trace === null) return {};
  return { traceparent: isTraceParent(trace) ? trace : NO_TRACE };
}

function reasonOf(error: Error): string {
  return 'code' in error && error.code === 'ECONNREFUSED' ? 'the app does not listen' : error.message;
}
