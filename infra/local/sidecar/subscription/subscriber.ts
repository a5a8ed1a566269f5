import type { OnActivity } from '../activity.ts';
import type { AppChannel } from '../appChannel.ts';
import type { TopicLog } from '../log/topicLog.ts';
import type { Publisher } from '../publish/publish.ts';
import type { Configuration } from '../resources/configuration.ts';
import { type Consumer, createConsumer } from './consumer.ts';
import { createDelivery } from './delivery.ts';
import type { Subscription } from './routing.ts';

/** All subscriptions of the app, and what takes their messages out of the log. */
export interface Subscriber {
  add(subscription: Subscription): void;
  list(): Subscription[];
  isSubscribed(pubsubName: string, topic: string): boolean;
  /** Begins to deliver what the log holds, and from then on what comes in. */
  start(): void;
  /** Resolves when no delivery runs any more; `stopping` must have been aborted. */
  stopped(): Promise<void>;
}

/** What the subscriptions of an app need. */
export interface SubscriberOptions {
  appId: string;
  configuration: Configuration;
  log: TopicLog;
  publisher: Publisher;
  appChannel: AppChannel;
  stopping: AbortSignal;
  cutting: AbortSignal;
  now: () => Date;
  onActivity: OnActivity;
}

/** Makes the subscriber of an app, without subscriptions. */
export function createSubscriber(options: SubscriberOptions): Subscriber {
  const { appId, log, onActivity } = options;
  const { pubsubs, policyFor } = options.configuration;
  const byTopic = new Map<string, { subscription: Subscription; consumer: Consumer }>();

  function refusal({ pubsubName, topic }: Subscription): string | undefined {
    const pubsub = pubsubs.get(pubsubName);
    if (!pubsub) return `the subscription to ${topic} names the component ${pubsubName}, which does not exist`;
    if (!pubsub.maySubscribe(topic)) return `the scopes of ${pubsubName} keep ${appId} from subscribing to ${topic}`;
    if (byTopic.has(topicName(pubsubName, topic))) return `only the first subscription to ${topic} is served`;
    return undefined;
  }

  return {
    add(subscription) {
      const message = refusal(subscription);
      if (message) return onActivity({ kind: 'warning', message });
      const { pubsubName, topic } = subscription;
      const redeliveryMs = pubsubs.get(pubsubName)?.redeliveryMs ?? 0;
      const deliver = createDelivery({
        ...options,
        subscription,
        policy: policyFor(pubsubName, 'Pubsub'),
        redeliveryMs,
      });
      byTopic.set(topicName(pubsubName, topic), { subscription, consumer: createConsumer({ ...options, deliver }) });
    },
    list: () => [...byTopic.values()].map(({ subscription }) => subscription),
    isSubscribed: (pubsubName, topic) => byTopic.has(topicName(pubsubName, topic)),
    start() {
      const wake: Consumer['wake'] = (partition) =>
        byTopic.get(topicName(partition.pubsubName, partition.topic))?.consumer.wake(partition);
      log.onAppended(wake);
      for (const partition of log.partitions()) wake(partition);
    },
    async stopped() {
      await Promise.all([...byTopic.values()].map(({ consumer }) => consumer.stopped()));
    },
  };
}

function topicName(pubsubName: string, topic: string): string {
  return JSON.stringify([pubsubName, topic]);
}
