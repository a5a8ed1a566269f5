import type { EventReference } from './activity.ts';
import type { TopicMessage } from './log/topicLog.ts';

/** The attributes of a CloudEvent, of whatever types they came. */
export type EventAttributes = Readonly<Record<string, unknown>>;

/** Names a message for those who watch; id and type are unknown when its payload is no JSON object. */
export function referenceOf(message: TopicMessage, attributes: EventAttributes | undefined): EventReference {
  const { pubsubName, topic, partition, offset, key } = message;
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  return {
    pubsubName,
    topic,
    partition,
    offset,
    key,
    eventId: text(attributes?.id),
    eventType: text(attributes?.type),
  };
}

/** Reads the attributes of a CloudEvent in JSON; nothing when the payload is no JSON object. */
export function parseEvent(payload: Buffer): EventAttributes | undefined {
  try {
    const value: unknown = JSON.parse(payload.toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as EventAttributes)
      : undefined;
  } catch {
    return undefined;
  }
}
