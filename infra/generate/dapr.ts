import { stringify } from 'yaml';
import { catalogue, deadLetterTopic, eventTypes, PUBSUB_NAME } from '../../shared/events/catalogue.ts';
import {
  type CronTrigger,
  type DeadLetterFunction,
  type EventFunction,
  type FunctionDefinition,
  isCron,
  isDeadLetter,
  isEvent,
} from '../../shared/runtime/defineFunction.ts';
import { resourceName, routeOf } from '../../shared/runtime/route.ts';

/** App id of the one sidecar that serves the whole system. */
export const APP_ID = 'evolution-todo';

/** Dapr subscriptions of every function that is woken by an event or by dead letters, as YAML documents. */
export function subscriptions(definitions: readonly FunctionDefinition[]): string {
  return documents([
    ...definitions.filter(isEvent).map(eventSubscription),
    ...definitions.filter(isDeadLetter).flatMap(deadLetterSubscriptions),
  ]);
}

/** Dapr cron bindings of every function that is woken by time, as YAML documents; `schedules` replace, by binding, their own. */
export function cronBindings(
  definitions: readonly FunctionDefinition[],
  schedules: Readonly<Record<string, string>> = {},
): string {
  return documents(
    definitions.filter(isCron).map(({ trigger }) => cronBinding(trigger, schedules[trigger.binding] ?? trigger.cron)),
  );
}

function eventSubscription(definition: EventFunction) {
  const { topic } = catalogue[definition.trigger.event];
  const routes = { default: routeOf(definition.trigger).path };
  return subscription(resourceName(definition), { topic, routes, deadLetterTopic: deadLetterTopic(topic) });
}

/**
 * One for each dead-letter topic. They have none of their own: Kafka delivers such a message again for ever. And they
 * are raw: what is not JSON either would otherwise never come to the function.
 */
function deadLetterSubscriptions(definition: DeadLetterFunction) {
  const routes = { default: routeOf(definition.trigger).path };
  return eventTypes.map((type) => {
    const { topic } = catalogue[type];
    const name = `${resourceName(definition)}-${topic.replace(/^evolution-todo\./, '').replaceAll('.', '-')}`;
    return subscription(name, { topic: deadLetterTopic(topic), routes, metadata: { rawPayload: 'true' } });
  });
}

function subscription(name: string, spec: { topic: string; routes: { default: string } } & Record<string, unknown>) {
  return {
    apiVersion: 'dapr.io/v2alpha1',
    kind: 'Subscription',
    metadata: { name },
    spec: { pubsubname: PUBSUB_NAME, ...spec },
    scopes: [APP_ID],
  };
}

function cronBinding(trigger: CronTrigger, schedule: string) {
  return {
    apiVersion: 'dapr.io/v1alpha1',
    kind: 'Component',
    metadata: { name: trigger.binding },
    spec: {
      type: 'bindings.cron',
      version: 'v1',
      metadata: [
        { name: 'schedule', value: schedule },
        { name: 'route', value: routeOf(trigger).path },
        // Without it daprd asks the route at its start, which would wake a sleeping function, or miss it.
        { name: 'direction', value: 'input' },
      ],
    },
    scopes: [APP_ID],
  };
}

function documents(resources: readonly object[]): string {
  return resources.map((resource) => stringify(resource, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');
}
