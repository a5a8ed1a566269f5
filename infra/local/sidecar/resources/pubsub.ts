import { parseDuration } from './duration.ts';
import type { ComponentResource } from './schemas.ts';

/** A pub/sub component as the sidecar serves it, whatever broker its type names. */
export interface Pubsub {
  name: string;
  type: string;
  version: string;
  /** An event with its key and headers may have this many bytes. */
  maxMessageBytes: number;
  /** How long until a message that failed, and has no dead-letter topic, is delivered again. */
  redeliveryMs: number;
  mayPublish(topic: string): boolean;
  maySubscribe(topic: string): boolean;
}

/** What Dapr's Kafka component allows when `maxMessageBytes` is not set: its client library's default, 1 MiB. */
const DEFAULT_MAX_MESSAGE_BYTES = 1024 * 1024;

/** What Dapr's Kafka component waits when `backOffDuration` is not set. */
const DEFAULT_REDELIVERY_MS = 5_000;

/** Makes the pub/sub component of a `pubsub.*` resource. */
export function createPubsub({ metadata: { name }, spec }: ComponentResource, appId: string): Pubsub {
  const backOff = spec.metadata.get('backOffDuration');
  const allowed = topicList(spec.metadata.get('allowedTopics'));
  const protectedTopics = topicList(spec.metadata.get('protectedTopics'));
  const isAllowed = (scope: string[], topic: string) => {
    if (allowed.length > 0 && !allowed.includes(topic)) return false;
    const isScoped = scope.length > 0 || protectedTopics.includes(topic);
    return !isScoped || scope.includes(topic);
  };
  const publishing = scopedTopics(spec.metadata.get('publishingScopes'), appId);
  const subscription = scopedTopics(spec.metadata.get('subscriptionScopes'), appId);
  return {
    name,
    type: spec.type,
    version: spec.version,
    maxMessageBytes: Number(spec.metadata.get('maxMessageBytes')) || DEFAULT_MAX_MESSAGE_BYTES,
    redeliveryMs: backOff ? parseDuration(backOff) : DEFAULT_REDELIVERY_MS,
    mayPublish: (topic) => isAllowed(publishing, topic),
    maySubscribe: (topic) => isAllowed(subscription, topic),
  };
}

function topicList(value: string | undefined): string[] {
  return value ? value.replaceAll(' ', '').split(',') : [];
}

/** `app1=topic1,topic2;app2=` gives app1 two topics, app2 none, and every other app all. */
function scopedTopics(value: string | undefined, appId: string): string[] {
  const apps = (value ?? '').replaceAll(' ', '').split(';');
  return apps.flatMap((app) => {
    const [name, topics] = app.split('=');
    return name === appId && topics !== undefined ? topics.split(',') : [];
  });
}
