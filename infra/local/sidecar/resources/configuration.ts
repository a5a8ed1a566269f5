import { type CronBinding, createCronBinding } from '../cron/cronBinding.ts';
import { declarativeSubscription, type Subscription } from '../subscription/routing.ts';
import { createPubsub, type Pubsub } from './pubsub.ts';
import { createPolicies, type DeliveryPolicy, invocationPolicy, type PolicyFor, unusedPolicies } from './resiliency.ts';
import { loadResources, ResourceError } from './resources.ts';
import { createStateComponent, type StateComponent } from './stateComponent.ts';

/** What the resource files make of the sidecar. */
export interface Configuration {
  /** By component name. */
  pubsubs: ReadonlyMap<string, Pubsub>;
  cronBindings: readonly CronBinding[];
  stateComponents: readonly StateComponent[];
  subscriptions: readonly Subscription[];
  policyFor: PolicyFor;
  /** By which the app itself is invoked. */
  invocationPolicy: DeliveryPolicy;
  /** Names of the resiliency resources. */
  resiliencies: readonly string[];
  /** What was found in the files and is not served, ignored or not applied. */
  warnings: readonly string[];
}

/**
 * Reads the resource files of an app; `schedules` replaces schedules of cron components by their name.
 * @throws ResourceError
 */
export async function loadConfiguration(
  resourcesPath: string,
  appId: string,
  schedules: Readonly<Record<string, string>>,
): Promise<Configuration> {
  const { components, subscriptions, resiliencies, warnings } = await loadResources(resourcesPath, appId);
  const ofType = (pattern: RegExp) => components.filter(({ spec }) => pattern.test(spec.type));
  try {
    const pubsubs = ofType(/^pubsub\./).map((component) => createPubsub(component, appId));
    return {
      pubsubs: new Map(pubsubs.map((pubsub) => [pubsub.name, pubsub])),
      cronBindings: ofType(/^bindings\.cron$/).map((component) =>
        createCronBinding(component, schedules[component.metadata.name]),
      ),
      stateComponents: ofType(/^state\.postgresql$/).map(createStateComponent),
      subscriptions: subscriptions.map(declarativeSubscription),
      policyFor: createPolicies(resiliencies),
      invocationPolicy: invocationPolicy(resiliencies, appId),
      resiliencies: resiliencies.map(({ metadata }) => metadata.name),
      warnings: [
        ...warnings,
        ...unusedPolicies(resiliencies),
        ...ofType(/^(?!pubsub\.|bindings\.cron$|state\.postgresql$)/).map(
          ({ metadata, spec }) => `the component ${metadata.name} is of type ${spec.type}, which is not served here`,
        ),
      ],
    };
  } catch (cause) {
    throw new ResourceError(`The Dapr resources in ${resourcesPath} can't be used: ${(cause as Error).message}`, {
      cause,
    });
  }
}
