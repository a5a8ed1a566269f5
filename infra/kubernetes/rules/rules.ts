import { cronComplete, cronDirection } from './cron.ts';
import { environment, sidecarVariables, variablesExist } from './environment.ts';
import { hardenedPods, resources, restrictedNamespaces } from './hardening.ts';
import { images } from './images.ts';
import { denyByDefault, outsideOnly, privateWebhooks, schedulerAudience, sidecarAudience } from './network.ts';
import type { System } from './objects.ts';
import { owned } from './ownership.ts';
import { reservedPorts } from './ports.ts';
import { resiliencyAlone, retries, routerTimeouts, timeouts } from './retries.ts';
import {
  clusterLocal,
  internalRoutesExist,
  nothingInternalIsPublic,
  publicRoutesExist,
  routerComplete,
} from './routes.ts';
import type { Rule } from './rule.ts';
import { oneScheduler, schedulerAddress, wakeUps } from './scheduler.ts';
import { secretsByReference } from './secrets.ts';
import { alwaysOnPriority, appChannel, oneSidecar, sidecarProbes, sidecarSilent, sidecarTokens } from './sidecar.ts';
import { pubsub, scopes, subscriptionsComplete } from './subscriptions.ts';
import { topicSchema, topicsExist, topicsSurvive } from './topics.ts';

/** Everything that must hold of a rendered overlay, beyond what the readers of its objects ask themselves. */
export const rules: readonly Rule[] = [
  topicSchema,
  topicsExist,
  topicsSurvive,
  subscriptionsComplete,
  scopes,
  pubsub,
  retries,
  timeouts,
  routerTimeouts,
  resiliencyAlone,
  cronDirection,
  cronComplete,
  environment,
  variablesExist,
  sidecarVariables,
  images,
  internalRoutesExist,
  routerComplete,
  nothingInternalIsPublic,
  publicRoutesExist,
  clusterLocal,
  oneSidecar,
  alwaysOnPriority,
  sidecarProbes,
  sidecarSilent,
  sidecarTokens,
  appChannel,
  wakeUps,
  schedulerAddress,
  oneScheduler,
  schedulerAudience,
  reservedPorts,
  secretsByReference,
  restrictedNamespaces,
  hardenedPods,
  resources,
  denyByDefault,
  sidecarAudience,
  outsideOnly,
  privateWebhooks,
  owned,
];

/** What breaks the rules, by the rule's name; a rule that holds is not among them. */
export function brokenRules(system: System): Record<string, string[]> {
  const results = rules.map(({ name, check }) => [name, check(system)] as const);
  return Object.fromEntries(results.filter(([, faults]) => faults.length > 0));
}
