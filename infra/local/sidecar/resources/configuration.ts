import { type CronBinding, createCronBinding } from '../cron/cronBinding.ts';
import { declarativeSubscription, type Subscription } from '../subscription/routing.ts';
import { createPubsub, type Pubsub } from './pubsub.ts';
import { createPolicies, type DeliveryPolicy, invocationPolicy, type PolicyFor, unusedPolicies } from './resiliency.ts';
import { loadResources, ResourceError } from './resources.ts';
import type { ComponentResource, Variables } from './schemas.ts';
import { createSmtpComponent, type SmtpComponent } from './smtpComponent.ts';
import { createStateComponent, type StateComponent } from './stateComponent.ts';

/** What the resource files make of the sidecar. */
export interface Configuration {
  /** By component name. */
  pubsubs: ReadonlyMap<string, Pubsub>;
  cronBindings: readonly CronBinding[];
  stateComponents: readonly StateComponent[];
  smtpComponents: readonly SmtpComponent[];
  subscriptions: readonly Subscription[];
  policyFor: PolicyFor;
  /** By which the app itself is invoked. */
  invocationPolicy: DeliveryPolicy;
  /** Names of the resiliency resources. */
  resiliencies: readonly string[];
  /** What was found in the files and is not served, ignored or not applied. */
  warnings: readonly string[];
}

/** What is not in the resource files. */
export interface ConfigurationOptions {
  /** Replace schedules of cron components, by their name. */
  schedules?: Readonly<Record<string, string>>;
  /** Those that components refer to (`envRef`). */
  variables?: Variables;
}

/** Reads the resource files of an app. @throws ResourceError */
export async function loadConfiguration(
  resourcesPath: string,
  appId: string,
  { schedules = {}, variables = {} }: ConfigurationOptions,
): Promise<Configuration> {
  const { components, subscriptions, resiliencies, warnings } = await loadResources(resourcesPath, appId, variables);
  const ofType = (pattern: RegExp) => components.filter(({ spec }) => pattern.test(spec.type));
  try {
    const smtp = startable(ofType(/^bindings\.smtp$/), createSmtpComponent);
    const pubsubs = ofType(/^pubsub\./).map((component) => createPubsub(component, appId));
    return {
      pubsubs: new Map(pubsubs.map((pubsub) => [pubsub.name, pubsub])),
      cronBindings: ofType(/^bindings\.cron$/).map((component) =>
        createCronBinding(component, schedules[component.metadata.name]),
      ),
      stateComponents: ofType(/^state\.postgresql$/).map(createStateComponent),
      smtpComponents: smtp.made.filter((component) => component !== undefined),
      subscriptions: subscriptions.map(declarativeSubscription),
      policyFor: createPolicies(resiliencies),
      invocationPolicy: invocationPolicy(resiliencies, appId),
      resiliencies: resiliencies.map(({ metadata }) => metadata.name),
      warnings: [
        ...warnings,
        ...smtp.warnings,
        ...unusedPolicies(resiliencies),
        ...ofType(/^(?!pubsub\.|bindings\.(cron|smtp)$|state\.postgresql$)/).map(
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

/** Makes components; one that can't be made is left out where it says `ignoreErrors`. @throws where it does not */
function startable<T>(resources: readonly ComponentResource[], make: (resource: ComponentResource) => T) {
  const made: T[] = [];
  const warnings: string[] = [];
  for (const resource of resources) {
    try {
      made.push(make(resource));
    } catch (error) {
      if (!resource.spec.ignoreErrors) throw error;
      warnings.push(`the component ${resource.metadata.name} is left out: ${(error as Error).message}`);
    }
  }
  return { made, warnings };
}
