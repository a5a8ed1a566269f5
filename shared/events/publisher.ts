import { CommunicationProtocolEnum, DaprClient } from '@dapr/dapr';
import * as z from 'zod/mini';
import { catalogue, PUBSUB_NAME } from './catalogue.ts';
import type { CloudEvent } from './event.ts';
import { parseJson } from './json.ts';

/** Hands events to the broker. */
export interface Publisher {
  /** Resolves once the event is stored there; rejects when that is not certain. */
  publish(event: CloudEvent): Promise<void>;
  /**
   * Hands over events of one topic and of different tasks (the broker goes on behind an entry that fails, so two of one
   * task could change places). Resolves to the failures: why each event that is not certain to be stored is not.
   */
  publishBulk(events: readonly CloudEvent[]): Promise<ReadonlyMap<CloudEvent, Error>>;
}

export interface PublisherOptions {
  /** Base URL of the Dapr sidecar. */
  endpoint: string;
  apiToken: string;
  /** Upper bound of one request, the wait for the sidecar included, in milliseconds. */
  timeoutMs: number;
}

/**
 * A publisher through Dapr's own client. It bounds what the client does not: with no sidecar up, `publish` waits for
 * 30 seconds, and it resolves with an `error` where a caller expects a rejection.
 */
export function daprPublisher({ endpoint, apiToken, timeoutMs }: PublisherOptions): Publisher {
  const { protocol, hostname, port } = new URL(endpoint);
  const client = new DaprClient({
    daprHost: `${protocol}//${hostname}`,
    daprPort: port || (protocol === 'https:' ? '443' : '80'),
    daprApiToken: apiToken,
    communicationProtocol: CommunicationProtocolEnum.HTTP,
    logger: { service: silent },
  });

  // One wait for the sidecar at a time, shared by every publish that arrives meanwhile.
  let started: Promise<void> | undefined;
  const awaitSidecar = () => {
    started ??= client.start().catch((error: unknown) => {
      started = undefined;
      throw error;
    });
    return started;
  };

  return {
    async publish(event) {
      const send = async () => {
        await awaitSidecar();
        const { error } = await client.pubsub.publish(PUBSUB_NAME, topicOf(event), event, {
          contentType,
          metadata: { partitionKey: event.subject },
        });
        if (error) throw error;
      };
      await within(timeoutMs, send());
    },

    // Past the client, whose own bulk call takes entries that failed for published (dapr/js-sdk#703).
    async publishBulk(events) {
      const [first] = events;
      if (!first) return new Map();
      const failed = await sendBulk(`${endpoint}/v1.0/publish/bulk/${PUBSUB_NAME}/${topicOf(first)}`, events, {
        apiToken,
        timeoutMs,
      }).catch((error: Error) => new Map(events.map(({ id }) => [id, error])));
      return new Map(
        events.flatMap((event) => {
          const error = failed.get(event.id);
          return error ? [[event, error] as const] : [];
        }),
      );
    },
  };
}

const contentType = 'application/cloudevents+json';

const topicOf = ({ type }: CloudEvent) => catalogue[type].topic;

/** What Dapr answers when some entries of a bulk request are not stored. */
const partialFailureSchema = z.object({ failedEntries: z.array(z.object({ entryId: z.string(), error: z.string() })) });

/** Resolves to the entries that are not stored, by id; rejects when nothing is certain. */
async function sendBulk(
  url: string,
  events: readonly CloudEvent[],
  { apiToken, timeoutMs }: Omit<PublisherOptions, 'endpoint'>,
): Promise<Map<string, Error>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'dapr-api-token': apiToken },
    // The key stands on each entry: on the request it would be one for all of them.
    body: JSON.stringify(
      events.map((event) => ({ entryId: event.id, event, contentType, metadata: { partitionKey: event.subject } })),
    ),
    signal: AbortSignal.timeout(timeoutMs),
  });
  const answer = await response.text();
  if (response.ok) return new Map();
  const partial = partialFailureSchema.safeParse(parseJson(answer));
  if (!partial.success) throw new Error(`the sidecar answered ${response.status}: ${answer}`);
  return new Map(partial.data.failedEntries.map(({ entryId, error }) => [entryId, new Error(error)]));
}

/** The client logs every failure with its own format; the caller logs them once, in the system's. */
const silent = { error() {}, warn() {}, info() {}, verbose() {}, debug() {} };

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer from the sidecar within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
