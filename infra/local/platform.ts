import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allTopics } from '../../shared/events/catalogue.ts';
import type { FunctionDefinition } from '../../shared/runtime/defineFunction.ts';
import { routeOf } from '../../shared/runtime/route.ts';
import { telemetryVariables } from '../../shared/runtime/telemetry.ts';
import { bundlePath } from '../bundle/bundle.ts';
import { requireBundles } from '../bundle/bundleAll.ts';
import { loadFunctions, schedulesWithoutJobs } from '../functions.ts';
import { APP_ID } from '../generate/dapr.ts';
import { FUNCTIONS_ROLE, migrate } from '../migrations/migrate.ts';
import { startBridge } from './bridge/bridge.ts';
import { referencePages } from './docs/reference.ts';
import { functionVariables } from './functionVariables.ts';
import type { GatewayActivity } from './gateway/activity.ts';
import type { FunctionProcess } from './gateway/functionProcess.ts';
import { startGateway } from './gateway/gateway.ts';
import { AUDIENCE, signToken, startIssuer } from './issuer.ts';
import { freePort } from './listen.ts';
import { type MailActivity, openOutgoingMail } from './mail/outgoingMail.ts';
import { asRole } from './postgres/asRole.ts';
import { openEmbedded } from './postgres/embedded.ts';
import { lockFolder } from './postgres/folderLock.ts';
import { type DatabaseActivity, reportQueries } from './postgres/reportQueries.ts';
import { openServer } from './postgres/server.ts';
import { localSecrets } from './secrets.ts';
import { serviceLimits } from './serviceLimits.ts';
import type { Settings } from './settings.ts';
import type { SidecarActivity } from './sidecar/activity.ts';
import { type Sidecar, startSidecar } from './sidecar/sidecar.ts';

const resourcesPath = fileURLToPath(new URL('../dapr', import.meta.url));

/** Everything that happens on the platform and is worth a line. */
export type Activity = GatewayActivity | SidecarActivity | MailActivity | DatabaseActivity;

export interface PlatformOptions {
  settings: Settings;
  /** Replaces the schedule of a cron binding, by its name. */
  schedules?: Readonly<Record<string, string>>;
  /** Called before each step of the start that can take a second or more. */
  onProgress?: (step: string) => void;
  onActivity?: (activity: Activity) => void;
}

export interface Platform {
  apiUrl: string;
  daprUrl: string;
  databaseEndpoint: string;
  /** A bearer token of the API for a user; with the scope `admin` also for the administrators' part. */
  token(userId: string, scope?: string): Promise<string>;
  /** Names of the functions whose process is running. */
  running(): readonly string[];
  /** The embedded sidecar, which can be taken down and brought up again; undefined when another one is used. */
  sidecar: { stop(): Promise<void>; start(): Promise<void>; messages: Sidecar['messages'] } | undefined;
  close(): Promise<void>;
}

/**
 * Starts the system on this machine: Postgres, the bridge that Neon's driver talks to, the token issuer, the gateway
 * that wakes functions, and the sidecar. Rejects, with nothing left running, when one of them can't start.
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const parts: { close(): Promise<void> }[] = [];
  const close = async () => {
    // What uses another part ends before it does.
    for (const part of parts.splice(0).reverse()) await part.close();
  };
  try {
    return { ...(await startParts(options, parts)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startParts(
  { settings, schedules = {}, onProgress = () => {}, onActivity = () => {} }: PlatformOptions,
  parts: { close(): Promise<void> }[],
): Promise<Omit<Platform, 'close'>> {
  const running = <Part extends { close(): Promise<void> }>(part: Part): Part => {
    parts.push(part);
    return part;
  };
  const definitions = await loadFunctions();
  await requireBundles(definitions.map(({ name }) => name));
  const lock = await lockFolder(settings.DATA_DIR);
  running({ close: lock.release });
  const secrets = await localSecrets(settings.DATA_DIR);

  onProgress(settings.DATABASE_URL ? 'connecting to Postgres' : 'opening the embedded Postgres');
  const engine = running(
    settings.DATABASE_URL
      ? await openServer(settings.DATABASE_URL)
      : await openEmbedded(join(settings.DATA_DIR, 'postgres')),
  );
  onProgress('migrating');
  await migrate(engine);
  const password = secrets.databasePassword;
  const functionsEngine = reportQueries(asRole(engine, FUNCTIONS_ROLE), 'functions', onActivity);
  const bridge = running(await startBridge({ engine: functionsEngine, port: settings.DATABASE_PORT, password }));
  const issuer = running(await startIssuer(secrets, settings.ISSUER_PORT));

  const daprPort = settings.DAPR_HTTP_PORT || (await freePort());
  const daprUrl = settings.DAPR_HTTP_ENDPOINT ?? `http://127.0.0.1:${daprPort}`;
  const apiToken = settings.DAPR_API_TOKEN ?? secrets.daprApiToken;
  const appToken = settings.APP_API_TOKEN ?? secrets.appApiToken;
  const wakeUps = settings.WAKE_UPS ?? (settings.DAPR_HTTP_ENDPOINT ? 'cron' : 'jobs');
  const variables: Record<string, string> = {
    DATABASE_URL: `postgres://evolution_todo:${password}@localhost/evolution_todo`,
    DATABASE_FETCH_ENDPOINT: `${bridge.url}/sql`,
    JWKS_URL: issuer.jwksUrl,
    JWT_ISSUER: issuer.url,
    JWT_AUDIENCE: AUDIENCE,
    DAPR_HTTP_ENDPOINT: daprUrl,
    DAPR_API_TOKEN: apiToken,
    APP_API_TOKEN: appToken,
    WAKE_UPS: wakeUps,
    WEBHOOK_SECRETS_KEY: settings.WEBHOOK_SECRETS_KEY ?? secrets.webhookSecretsKey,
    // Who reaches nothing but this machine's loopback gains nothing by reaching it through a webhook.
    WEBHOOK_ALLOW_PRIVATE_ADDRESSES:
      settings.WEBHOOK_ALLOW_PRIVATE_ADDRESSES ?? String(settings.GATEWAY_HOST === undefined),
  };
  const gateway = running(
    await startGateway({
      functions: await Promise.all(definitions.map((definition) => functionProcess(definition, variables, settings))),
      ...(settings.GATEWAY_HOST && { host: settings.GATEWAY_HOST }),
      publicPort: settings.API_PORT,
      internalPort: settings.APP_PORT,
      pages: referencePages(),
      onActivity,
    }),
  );
  const startOwnSidecar = async () => {
    const mail = running(await openOutgoingMail(settings, onActivity));
    return controllableSidecar({
      resourcesPath,
      appId: APP_ID,
      port: daprPort,
      appChannel: gateway.internalUrl,
      dataDir: join(settings.DATA_DIR, 'events'),
      database: reportQueries(engine, 'sidecar', onActivity),
      apiToken,
      appToken,
      topics: allTopics(),
      variables: mail.variables,
      schedules: { ...(wakeUps === 'cron' && schedulesWithoutJobs(definitions)), ...schedules },
      onActivity,
    });
  };
  const sidecar = settings.DAPR_HTTP_ENDPOINT ? undefined : running(await startOwnSidecar());
  return {
    apiUrl: gateway.publicUrl,
    daprUrl,
    databaseEndpoint: `${bridge.url}/sql`,
    token: (userId, scope) => signToken(secrets, issuer.url, userId, scope),
    running: gateway.running,
    sidecar,
  };
}

async function controllableSidecar(options: Parameters<typeof startSidecar>[0]) {
  let sidecar: Sidecar | undefined = await startSidecar(options);
  const stop = async () => {
    await sidecar?.close();
    sidecar = undefined;
  };
  return {
    stop,
    close: stop,
    async start() {
      sidecar ??= await startSidecar(options);
    },
    messages(...parameters: Parameters<Sidecar['messages']>) {
      if (!sidecar) throw new Error('the sidecar is down');
      return sidecar.messages(...parameters);
    },
  };
}

/** The settings of OpenTelemetry, which every function has in common. */
function telemetryOf(settings: Settings): Record<string, string> {
  const given = telemetryVariables.flatMap((name) => {
    const value = settings[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(given);
}

async function functionProcess(
  definition: FunctionDefinition,
  variables: Record<string, string>,
  settings: Settings,
): Promise<FunctionProcess> {
  return {
    name: definition.name,
    routes: [routeOf(definition.trigger)],
    ...(await serviceLimits(definition)),
    ...(settings.IDLE_SECONDS && { idleMs: settings.IDLE_SECONDS * 1000 }),
    command: [process.execPath, bundlePath(definition.name)] as const,
    env: {
      HOST: '127.0.0.1',
      ...functionVariables(definition, variables),
      ...telemetryOf(settings),
      // Node 22 and later keep compiled code there from one start to the next; earlier ones ignore it.
      NODE_COMPILE_CACHE: join(settings.DATA_DIR, 'compile-cache'),
    },
  };
}
