import { stringify } from 'yaml';
import { catalogue, deadLetterTopic, PUBSUB_NAME } from '../../shared/events/catalogue.ts';
import {
  type CronFunction,
  type EventFunction,
  type FunctionDefinition,
  isCron,
  isEvent,
} from '../../shared/runtime/defineFunction.ts';
import { resourceName, routeOf } from '../../shared/runtime/route.ts';

/** App id of the one sidecar that serves the whole system. */
export const APP_ID = 'evolution-todo';

/** Dapr subscriptions of every function that is woken by an event, as YAML documents. */
export function subscriptions(definitions: readonly FunctionDefinition[]): string {
  return documents(definitions.filter(isEvent).map(subscription));
}

/** Dapr cron bindings of every function that is woken by time, as YAML documents. */
export function cronBindings(definitions: readonly FunctionDefinition[]): string {
  return documents(definitions.filter(isCron).map(cronBinding));
}

function subscription(definition: EventFunction) {
  const { topic } = catalogue[definition.trigger.event];
  return {
    apiVersion: 'dapr.io/v2alpha1',
    kind: 'Subscription',
    metadata: { name: resourceName(definition) },
    spec: {
      pubsubname: PUBSUB_NAME,
      topic,
      routes: { default: routeOf(definition.trigger).path },
      deadLetterTopic: deadLetterTopic(topic),
    },
    scopes: [APP_ID],
  };
}

function cronBinding({ trigger }: CronFunction) {
  return {
    apiVersion: 'dapr.io/v1alpha1',
    kind: 'Component',
    metadata: { name: trigger.binding },
    spec: {
      type: 'bindings.cron',
      version: 'v1',
      metadata: [
        { name: 'schedule', value: trigger.cron },
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
