import type { OutputBinding } from '../bindings/outputBinding.ts';
import type { CronBinding } from '../cron/cronBinding.ts';
import type { Pubsub } from '../resources/pubsub.ts';
import type { NamedStateStore } from '../state/routes.ts';
import type { Subscription } from '../subscription/routing.ts';

/** The version of Dapr whose behaviour this sidecar was compared with. */
const DAPR_VERSION = '1.18.1';

/** What is told about the sidecar. */
export interface MetadataSource {
  appId: string;
  appChannel: string;
  pubsubs: ReadonlyMap<string, Pubsub>;
  cronBindings: readonly CronBinding[];
  outputBindings: readonly OutputBinding[];
  stateStores: readonly NamedStateStore[];
  subscriptions: readonly Subscription[];
  resiliencies: readonly string[];
  extended: ReadonlyMap<string, string>;
}

/** What `GET /v1.0/metadata` answers (https://docs.dapr.io/reference/api/metadata_api/). */
export function describeSidecar(source: MetadataSource): object {
  const { hostname, port } = new URL(source.appChannel);
  return {
    id: source.appId,
    runtimeVersion: DAPR_VERSION,
    enabledFeatures: [],
    components: [
      ...[...source.pubsubs.values()].map(({ name, type, version }) => ({
        name,
        type,
        version,
        capabilities: ['BULK_PUBSUB'],
      })),
      ...source.cronBindings.map(({ name }) => ({
        name,
        type: 'bindings.cron',
        version: 'v1',
        capabilities: ['INPUT_BINDING'],
      })),
      ...source.outputBindings.map(({ name, type }) => ({
        name,
        type,
        version: 'v1',
        capabilities: ['OUTPUT_BINDING'],
      })),
      ...source.stateStores.map(({ name }) => ({
        name,
        type: 'state.postgresql',
        version: 'v2',
        capabilities: ['ETAG', 'TRANSACTIONAL', 'TTL'],
      })),
    ],
    extended: { daprRuntimeVersion: DAPR_VERSION, embedded: 'true', ...Object.fromEntries(source.extended) },
    subscriptions: source.subscriptions.map(describeSubscription),
    appConnectionProperties: { port: Number(port || 80), protocol: 'http', channelAddress: hostname },
    ...(source.resiliencies.length > 0 && { resiliencies: source.resiliencies.map((name) => ({ name })) }),
  };
}

function describeSubscription({ pubsubName, topic, metadata, rules, deadLetterTopic, type }: Subscription): object {
  return {
    pubsubname: pubsubName,
    topic,
    ...(Object.keys(metadata).length > 0 && { metadata }),
    rules: rules.map(({ match, path }) => ({ ...(match && { match }), path })),
    deadLetterTopic: deadLetterTopic ?? '',
    type,
  };
}
