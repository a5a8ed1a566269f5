import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** The least that Kafka allows (`group.min.session.timeout.ms`): so a killed member is not waited for any longer. */
export const SESSION_TIMEOUT_MS = 6_000;
export const HEARTBEAT_INTERVAL_MS = 1_000;

/**
 * The pub/sub components, by what becomes of an event that fails:
 * - `retried`: three further tries, 10 ms apart
 * - `bare`: has no policy
 * - `hasty`: one further try, and each is given up after 300 ms
 * - `patient`: two further tries with exponential waits
 * - `misplaced`: would be `retried`, but its policy stands in the component's own file
 * - `slow`: further tries, 30 s apart
 * - `restricted`: bare; the app may publish to some topics only
 */
export type Component = 'retried' | 'bare' | 'hasty' | 'patient' | 'misplaced' | 'slow' | 'restricted';

const policies = {
  retries: {
    soon: { policy: 'constant', duration: '10ms', maxRetries: 3 },
    once: { policy: 'constant', duration: '10ms', maxRetries: 1 },
    exponential: { policy: 'exponential', maxInterval: '30s', maxRetries: 2 },
    late: { policy: 'constant', duration: '30s', maxRetries: 3 },
  },
  timeouts: { brief: '300ms' },
};

/** How long after its last try an event that has nowhere to go comes again; five seconds where nothing is said. */
export const ROUND_MS = 150;

/** The files of a sidecar with all components; `group` is the beginning of its consumer groups' names. */
export function componentFiles(group: string, publishable: readonly string[]): Record<string, string> {
  return {
    'retried.yaml': pubsub('retried', group),
    'bare.yaml': pubsub('bare', group),
    'hasty.yaml': pubsub('hasty', group),
    'patient.yaml': pubsub('patient', group),
    'misplaced.yaml': `${pubsub('misplaced', group)}---\n${resiliency('misplaced', { misplaced: { retry: 'soon' } })}`,
    'slow.yaml': pubsub('slow', group),
    'restricted.yaml': pubsub('restricted', group, { publishingScopes: `evolution-todo=${publishable.join(',')}` }),
    'resiliency.yaml': resiliency('resiliency', {
      retried: { retry: 'soon' },
      hasty: { retry: 'once', timeout: 'brief' },
      patient: { retry: 'exponential' },
      slow: { retry: 'late' },
      persistent: { retry: 'once' },
    }),
    'apps.yaml': stringify({
      apiVersion: 'dapr.io/v1alpha1',
      kind: 'Resiliency',
      metadata: { name: 'apps' },
      spec: { policies, targets: { apps: { 'evolution-todo': { retry: 'soon' } } } },
    }),
  };
}

function pubsub(name: Component, group: string, more: Readonly<Record<string, string>> = {}): string {
  return component('pubsub.kafka', name, [
    { name: 'brokers', envRef: 'KAFKA_BROKERS' },
    ...Object.entries({
      authType: 'none',
      consumerGroup: `${group}-${name}`,
      initialOffset: 'oldest',
      maxMessageBytes: '1048576',
      backOffDuration: `${ROUND_MS}ms`,
      sessionTimeout: `${SESSION_TIMEOUT_MS}ms`,
      heartbeatInterval: `${HEARTBEAT_INTERVAL_MS}ms`,
      ...more,
    }).map(([item, value]) => ({ name: item, value })),
  ]);
}

/** A cron binding that ticks every second. */
export function cronFile(name: string, more: Readonly<Record<string, string>>): string {
  const items = Object.entries({ schedule: '@every 1s', ...more });
  return component(
    'bindings.cron',
    name,
    items.map(([item, value]) => ({ name: item, value })),
  );
}

/** A binding that sends e-mails; where it can't be set up, the sidecar is to go on without it. */
export function smtpFile(name: string, metadata: Readonly<Record<string, string>>): string {
  const items = Object.entries(metadata).map(([item, value]) => ({ name: item, value }));
  return component('bindings.smtp', name, items, { ignoreErrors: true });
}

/** A state component, in the Postgres that the subject was given. */
export function stateStoreFile(name: string): string {
  const connection = { name: 'connectionString', envRef: 'DATABASE_URL' };
  return component('state.postgresql', name, [connection, { name: 'tablePrefix', value: `${name}_` }], {
    version: 'v2',
  });
}

function component(type: string, name: string, metadata: readonly object[], more: object = {}): string {
  return stringify({
    apiVersion: 'dapr.io/v1alpha1',
    kind: 'Component',
    metadata: { name },
    spec: { type, version: 'v1', ...more, metadata },
  });
}

function resiliency(name: string, inbound: Readonly<Record<string, object>>): string {
  return componentPolicies(name, 'inbound', inbound);
}

/** What is done when an output binding fails, by the component's name. */
export function outboundPolicyFile(name: string, outbound: Readonly<Record<string, object>>): string {
  return componentPolicies(name, 'outbound', outbound);
}

function componentPolicies(
  name: string,
  direction: 'inbound' | 'outbound',
  targets: Readonly<Record<string, object>>,
): string {
  const components = Object.fromEntries(
    Object.entries(targets).map(([target, policy]) => [target, { [direction]: policy }]),
  );
  return stringify({
    apiVersion: 'dapr.io/v1alpha1',
    kind: 'Resiliency',
    metadata: { name },
    spec: { policies, targets: { components } },
  });
}

/** A subscription's own part of its resource. */
export interface Subscription {
  pubsubname: string;
  topic: string;
  routes: { default: string; rules?: readonly { match: string; path: string }[] };
  deadLetterTopic?: string;
  metadata?: Readonly<Record<string, string>>;
}

/** The file of a declarative subscription. */
export function subscriptionFile(spec: Subscription): string {
  const name = `on-${spec.topic.replaceAll('.', '-')}`;
  return stringify({ apiVersion: 'dapr.io/v2alpha1', kind: 'Subscription', metadata: { name }, spec });
}

/** Writes resource files, by file name, into a new folder; resolves to the folder. */
export async function writeResources(folder: string, files: Readonly<Record<string, string>>): Promise<string> {
  await mkdir(folder);
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
  return folder;
}
