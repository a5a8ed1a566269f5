import { catalogue, deadLetterTopic, eventTypes, PUBSUB_NAME } from '../../../shared/events/catalogue.ts';
import { APP_ID } from '../../generate/dapr.ts';
import { type DaprResource, daprResources } from './objects.ts';
import type { Rule } from './rule.ts';

/** Every topic has a function, a dead letter for what it can't take, and somebody who keeps those. */
export const subscriptionsComplete: Rule = {
  name: 'subscriptions',
  check(system) {
    const subscriptions = daprResources(system, 'Subscription');
    const to = (topic: string) => subscriptions.filter(({ spec }) => spec.topic === topic);
    return eventTypes.flatMap((type) => {
      const { topic } = catalogue[type];
      const dead = deadLetterTopic(topic);
      return [
        ...(to(topic).length === 1 ? [] : [`${topic} has ${to(topic).length} subscriptions`]),
        ...to(topic)
          .filter(({ spec }) => spec.deadLetterTopic !== dead)
          .map(({ metadata }) => `${metadata.name} has no dead-letter topic, or not ${dead}`),
        ...(to(dead).length === 1 ? [] : [`${dead} has ${to(dead).length} subscriptions`]),
        ...to(dead).flatMap(deadLetterFaults),
      ];
    });
  },
};

/** Kafka would deliver a dead letter's own dead letter for ever; one that is not JSON must come too. */
function deadLetterFaults({ metadata, spec }: DaprResource): string[] {
  const isRaw = !Array.isArray(spec.metadata) && spec.metadata?.rawPayload === 'true';
  return [
    ...(spec.deadLetterTopic ? [`${metadata.name} has a dead-letter topic of its own`] : []),
    ...(isRaw ? [] : [`${metadata.name} does not take raw payloads`]),
  ];
}

/** What has no scope is every application's that reads the same files. */
export const scopes: Rule = {
  name: 'scopes',
  check: (system) =>
    ['Component', 'Subscription', 'Resiliency'].flatMap((kind) =>
      daprResources(system, kind)
        .filter(({ scopes }) => scopes?.length !== 1 || scopes[0] !== APP_ID)
        .map(({ metadata }) => `${kind} ${metadata.name} is not for ${APP_ID} alone`),
    ),
};

/** Each subscription's component is there, once. */
export const pubsub: Rule = {
  name: 'pubsub',
  check(system) {
    const components = daprResources(system, 'Component').filter(({ spec }) => spec.type?.startsWith('pubsub.'));
    const names = components.map(({ metadata }) => metadata.name);
    const strangers = daprResources(system, 'Subscription').filter(({ spec }) => spec.pubsubname !== PUBSUB_NAME);
    return [
      ...(names.length === 1 && names[0] === PUBSUB_NAME ? [] : [`the pub/sub components are ${names.join(', ')}`]),
      ...strangers.map(({ metadata, spec }) => `${metadata.name} subscribes at ${spec.pubsubname}`),
    ];
  },
};
