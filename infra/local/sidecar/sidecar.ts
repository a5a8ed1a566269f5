import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import type { SqlEngine } from '../postgres/engine.ts';
import type { OnActivity } from './activity.ts';
import { closeServer, createApiServer, listen } from './api/http.ts';
import { describeSidecar } from './api/metadata.ts';
import { createAppChannel } from './appChannel.ts';
import { createBindingRoutes } from './bindings/routes.ts';
import { createSmtpBinding } from './bindings/smtpBinding.ts';
import { startTicking, type Ticking } from './cron/cronBinding.ts';
import { createInvoker } from './invoke/invoke.ts';
import { createJobRunner } from './jobs/jobRunner.ts';
import { openJobStore } from './jobs/jobStore.ts';
import { createJobRoutes } from './jobs/routes.ts';
import { openTopicLog, type TopicMessage } from './log/topicLog.ts';
import { createPublisher } from './publish/publish.ts';
import { loadConfiguration } from './resources/configuration.ts';
import { createStateRoutes } from './state/routes.ts';
import { openStateStores } from './state/stateStores.ts';
import { askForSubscriptions } from './subscription/programmaticSubscriptions.ts';
import { createSubscriber } from './subscription/subscriber.ts';

/** What a sidecar needs to know, in the terms of daprd's own flags where there is one. */
export interface SidecarOptions {
  /** The folder of Dapr's YAML: components, subscriptions, resiliency; its subfolders are not read. */
  resourcesPath: string;
  /** Resources with `scopes` that do not name this id are not loaded. */
  appId: string;
  /** 0 takes any free port. */
  port: number;
  /** The address to listen on; 127.0.0.1 when not given. */
  host?: string;
  /** Where events, ticks and invocations go, such as `http://127.0.0.1:8081`. */
  appChannel: string;
  /** Accepted events and what was consumed of them, and jobs; made when missing, and for one sidecar at a time. */
  dataDir: string;
  /** Where `state.postgresql` components keep state, whatever their connection string; without it they are not served. */
  database?: SqlEngine;
  /** When given, callers must send it as `dapr-api-token`. */
  apiToken?: string;
  /** When given, the app gets it as `dapr-api-token`. */
  appToken?: string;
  /** When given, the topics that exist, dead-letter topics included; else topics come into being with their first event. */
  topics?: readonly string[];
  /** How many partitions new events are spread over, in each topic. */
  partitions?: number;
  /** Environment variables that components refer to (`envRef`). */
  variables?: Readonly<Record<string, string | undefined>>;
  /** Replaces schedules of cron components, by component name. */
  schedules?: Readonly<Record<string, string>>;
  /** Ask the app for subscriptions too; without it, as with daprd's `--disable-init-endpoints=config,subscribe`. */
  programmaticSubscriptions?: boolean;
  now?: () => Date;
  onActivity?: OnActivity;
}

/** A running sidecar. */
export interface Sidecar {
  url: string;
  port: number;
  /** What a topic keeps: with a subscription what is not yet consumed, else all of the last seven days. */
  messages(topic: string): TopicMessage[];
  /** Lets running deliveries end, for five seconds at most, and releases everything; what was cut off is delivered again. */
  close(): Promise<void>;
}

/** Enough for every function to have some events in work at once. */
const DEFAULT_PARTITIONS = 8;

/** daprd's default for `--dapr-graceful-shutdown-seconds`. */
const GRACE_MS = 5_000;

/**
 * Starts the embedded, Dapr-compatible sidecar: pub/sub on a log of its own, cron bindings, jobs, e-mail by SMTP, invocation of
 * its app, state in a given Postgres, metadata and health. Publishing works from then on; deliveries and ticks begin when
 * the app's port listens.
 * @throws ResourceError, DamagedLogError, or because the port is taken
 */
export async function startSidecar(options: SidecarOptions): Promise<Sidecar> {
  const { appId, host = '127.0.0.1', now = () => new Date(), onActivity = () => undefined } = options;
  const warn = (message: string) => onActivity({ kind: 'warning', message });
  const configuration = await loadConfiguration(options.resourcesPath, appId, options);
  const { pubsubs, cronBindings, policyFor } = configuration;
  configuration.warnings.forEach(warn);

  const { stores, close: closeStores } = await openStateStores({
    components: configuration.stateComponents,
    engine: options.database,
    appId,
    warn,
  });
  const log = await openTopicLog({
    dir: options.dataDir,
    now,
    isConsumed: (pubsubName, topic) => subscriber.isSubscribed(pubsubName, topic),
    onCleaningFailed: (error) => warn(`the event log could not be cleaned: ${(error as Error).message}`),
  });
  const jobStore = await openJobStore(join(options.dataDir, 'jobs'), {
    onCleaningFailed: (error) => warn(`the log of jobs could not be cleaned: ${(error as Error).message}`),
  });
  const appChannel = createAppChannel(options.appChannel, options.appToken);
  const stopping = new AbortController();
  const cutting = new AbortController();
  // Every delivery under way listens to both; Node takes more than ten listeners for a leak.
  setMaxListeners(0, stopping.signal, cutting.signal);
  const running = { appChannel, stopping: stopping.signal, cutting: cutting.signal, now, onActivity };
  const topics = options.topics && new Set(options.topics);
  const partitions = options.partitions ?? DEFAULT_PARTITIONS;
  const publisher = createPublisher({ appId, pubsubs, log, topics, partitions, now, onActivity });
  const subscriber = createSubscriber({ ...running, appId, configuration, log, publisher });
  configuration.subscriptions.forEach(subscriber.add);
  const jobs = createJobRunner({ ...running, store: jobStore });

  const outputBindings = configuration.smtpComponents.map(createSmtpBinding);
  const bindingRoutes = createBindingRoutes({
    bindings: outputBindings,
    policyFor: (name) => policyFor(name, 'Binding', 'Outbound'),
    stopping: stopping.signal,
  });
  const ticking: Ticking[] = [];
  const extended = new Map<string, string>();
  let isReady = false;
  const server = createApiServer({
    publisher,
    routes: [...createStateRoutes(stores), ...bindingRoutes, ...createJobRoutes(jobs, now)],
    invoke: createInvoker({ ...running, appId, policy: configuration.invocationPolicy }),
    apiToken: options.apiToken,
    isReady: () => isReady,
    metadata: () =>
      describeSidecar({
        ...options,
        ...configuration,
        outputBindings,
        stateStores: stores,
        subscriptions: subscriber.list(),
        extended,
      }),
    setMetadata: (key, value) => extended.set(key, value),
    onError: (error) => warn(`a request failed: ${(error as Error).message}`),
  });
  const port = await listen(server, options.port, host).catch(async (error: unknown) => {
    closeStores();
    await Promise.all([log, jobStore].map((each) => each.close()));
    throw error;
  });

  async function beginWhenAppListens(): Promise<void> {
    await appChannel.listening(stopping.signal);
    onActivity({ kind: 'app-found', appChannel: options.appChannel });
    if (options.programmaticSubscriptions) {
      const asked = await askForSubscriptions({ ...running, warn });
      asked.forEach(subscriber.add);
    }
    isReady = true;
    subscriber.start();
    jobs.start();
    for (const binding of cronBindings) {
      ticking.push(startTicking({ ...running, binding, policy: policyFor(binding.name, 'Binding') }));
    }
  }

  const begun = beginWhenAppListens().catch((error: unknown) => {
    if (!stopping.signal.aborted) warn(`the sidecar could not begin to deliver: ${(error as Error).message}`);
  });

  return {
    url: `http://${host}:${port}`,
    port,
    messages: (topic) => [...pubsubs.keys()].flatMap((name) => log.messages(name, topic)),
    async close() {
      const reason = new Error('the sidecar is stopping');
      stopping.abort(reason);
      const cut = setTimeout(() => cutting.abort(reason), GRACE_MS);
      await begun;
      await Promise.all([subscriber, jobs, ...ticking].map(({ stopped }) => stopped()));
      clearTimeout(cut);
      // Until here functions that were still at work could publish.
      await closeServer(server, GRACE_MS);
      appChannel.close();
      closeStores();
      await Promise.all([log, jobStore].map((each) => each.close()));
    },
  };
}
