import { CommunicationProtocolEnum, DaprClient } from '@dapr/dapr';
import { catalogue, PUBSUB_NAME } from './catalogue.ts';
import type { CloudEvent } from './event.ts';

/** Hands an event to the broker; resolves once it is stored there, rejects when that is not certain. */
export type Publish = (event: CloudEvent) => Promise<void>;

export interface PublisherOptions {
  /** Base URL of the Dapr sidecar. */
  endpoint: string;
  apiToken: string;
  /** Upper bound of one publish, the wait for the sidecar included, in milliseconds. */
  timeoutMs: number;
}

/**
 * A publisher through Dapr's own client. It bounds what the client does not: with no sidecar up, `publish` waits for
 * 30 seconds, and it resolves with an `error` where a caller expects a rejection.
 */
export function daprPublisher({ endpoint, apiToken, timeoutMs }: PublisherOptions): Publish {
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

  return async (event) => {
    const send = async () => {
      await awaitSidecar();
      const { error } = await client.pubsub.publish(PUBSUB_NAME, catalogue[event.type].topic, event, {
        contentType: 'application/cloudevents+json',
        metadata: { partitionKey: event.subject },
      });
      if (error) throw error;
    };
    await within(timeoutMs, send());
  };
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
