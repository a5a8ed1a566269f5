import type { EventReference, OnActivity } from '../activity.ts';
import { badRawPayload, notACloudEvent, publishFailed, pubsubNotFound, topicForbidden } from '../api/apiError.ts';
import { parseEvent, referenceOf } from '../eventReference.ts';
import { type NewMessage, placeOf, type TopicLog, type TopicMessage } from '../log/topicLog.ts';
import type { Pubsub } from '../resources/pubsub.ts';
import { toCloudEvent } from './cloudEvent.ts';
import { createPartitioner } from './partitioner.ts';
import type { TraceContext } from './traceContext.ts';

/** What is to be published, before it is an event. */
export interface PublishRequest {
  pubsubName: string;
  topic: string;
  contentType: string;
  body: Buffer;
  /** Metadata of the request, without its prefix `metadata.`. */
  metadata: ReadonlyMap<string, string>;
  trace: TraceContext;
}

/** An event that is ready to be accepted. */
export interface PreparedEvent {
  pubsub: Pubsub;
  topic: string;
  payload: Buffer;
  metadata: ReadonlyMap<string, string>;
}

/** The way into the topics. */
export interface Publisher {
  /** Makes the event of a request. @throws ApiError when the request asks for what can't be */
  prepare(request: PublishRequest): PreparedEvent;
  /** Resolves when the event is on disk. @throws ApiError when it was not accepted */
  accept(event: PreparedEvent): Promise<void>;
  /** Puts a message into another topic of its pub/sub component as it is, under the same key and partition. */
  forward(message: TopicMessage, topic: string): Promise<void>;
  /** @throws ApiError when there is no such pub/sub component */
  pubsub(name: string): Pubsub;
}

/** What a publisher needs. */
export interface PublisherOptions {
  appId: string;
  pubsubs: ReadonlyMap<string, Pubsub>;
  log: TopicLog;
  /** The topics that exist; without it every topic does. */
  topics: ReadonlySet<string> | undefined;
  partitions: number;
  now: () => Date;
  onActivity: OnActivity;
}

/** Makes the publisher of an app. */
export function createPublisher({
  appId,
  pubsubs,
  log,
  topics,
  partitions,
  now,
  onActivity,
}: PublisherOptions): Publisher {
  const partitionOf = createPartitioner(partitions);

  function pubsub(name: string): Pubsub {
    const found = pubsubs.get(name);
    if (!found) throw pubsubNotFound(name);
    return found;
  }

  function checkTopic({ mayPublish, name }: Pubsub, topic: string): void {
    if (!mayPublish(topic)) throw topicForbidden(topic, appId);
    if (topics && !topics.has(topic)) {
      throw publishFailed(name, topic, 'the topic does not exist (kafka server: unknown topic or partition)');
    }
  }

  async function append(message: NewMessage): Promise<EventReference> {
    try {
      return referenceOf(await log.append(message), parseEvent(message.payload));
    } catch (error) {
      throw publishFailed(message.pubsubName, message.topic, (error as Error).message);
    }
  }

  return {
    pubsub,

    prepare({ pubsubName, topic, contentType, body, metadata, trace }) {
      const component = pubsub(pubsubName);
      if (isRawPayload(metadata)) return { pubsub: component, topic, payload: body, metadata };
      try {
        const event = toCloudEvent({ pubsubName, topic, appId, contentType, body, metadata, trace, now: now() });
        return { pubsub: component, topic, payload: Buffer.from(event), metadata };
      } catch (error) {
        if (error instanceof SyntaxError) throw notACloudEvent();
        throw error;
      }
    },

    async accept({ pubsub: component, topic, payload, metadata }) {
      checkTopic(component, topic);
      checkSize(component, topic, payload, metadata);
      const key = metadata.get('partitionKey') ?? metadata.get('__key');
      const event = await append({
        pubsubName: component.name,
        topic,
        partition: partitionOf(key),
        ...(key !== undefined && { key }),
        metadata: Object.fromEntries(metadata),
        payload,
      });
      onActivity({ kind: 'published', event });
    },

    async forward(message, topic) {
      checkTopic(pubsub(message.pubsubName), topic);
      // daprd does so too: what a delivery says of its place goes along, and so a dead letter names where it was first.
      const { offset: _offset, timestamp: _timestamp, ...rest } = message;
      await append({ ...rest, topic, metadata: { ...placeOf(message), ...message.metadata } });
    },
  };
}

/** Says whether the request's metadata asks for no CloudEvent to be made. @throws ApiError when it is not a boolean */
function isRawPayload(metadata: ReadonlyMap<string, string>): boolean {
  const value = metadata.get('rawPayload') ?? '';
  if (/^(?:1|t|true|True|TRUE|T)$/.test(value)) return true;
  if (/^(?:0|f|false|False|FALSE|F|)$/.test(value)) return false;
  throw badRawPayload(value);
}

/** What a Kafka client adds up for each record, and for each header, before it compares with its limit. */
const RECORD_OVERHEAD_BYTES = 36;
const HEADER_OVERHEAD_BYTES = 10;

function checkSize(pubsub: Pubsub, topic: string, payload: Buffer, metadata: ReadonlyMap<string, string>): void {
  let size = RECORD_OVERHEAD_BYTES + payload.length + Buffer.byteLength(metadata.get('partitionKey') ?? '');
  for (const [name, value] of metadata)
    size += HEADER_OVERHEAD_BYTES + Buffer.byteLength(name) + Buffer.byteLength(value);
  if (size <= pubsub.maxMessageBytes) return;
  const limit = `Attempt to produce message larger than configured Producer.MaxMessageBytes: ${size} > ${pubsub.maxMessageBytes}`;
  throw publishFailed(pubsub.name, topic, `kafka: invalid configuration (${limit})`);
}
