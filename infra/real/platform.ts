import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { allTopics } from '../../shared/events/catalogue.ts';
import { loadFunctions, schedulesWithoutJobs } from '../functions.ts';
import { createOrphanReaper } from '../local/gateway/orphanReaper.ts';
import { type OutgoingMail, openOutgoingMail } from '../local/mail/outgoingMail.ts';
import { type Activity, type Platform, type PlatformOptions, startPlatform } from '../local/platform.ts';
import { lockFolder } from '../local/postgres/folderLock.ts';
import { localSecrets, type Secrets } from '../local/secrets.ts';
import { buildDaprd } from './daprd/build.ts';
import { createDaprd } from './daprd/daprd.ts';
import { copyResources } from './daprd/resources.ts';
import { createBroker } from './kafka/broker.ts';
import { kafkaClassPath } from './kafka/jars.ts';
import { ensureTopics } from './kafka/topics.ts';
import { choosePorts, type Ports } from './ports.ts';
import { type Cluster, createCluster } from './postgres/cluster.ts';
import type { Part, PartActivity } from './process/part.ts';
import { type Closer, startTogether } from './process/together.ts';
import { buildScheduler } from './scheduler/build.ts';
import { createScheduler, schedulerAddress } from './scheduler/scheduler.ts';
import type { RealSettings } from './settings.ts';

const resourcesPath = fileURLToPath(new URL('../dapr', import.meta.url));

/** Everything that happens on the platform and is worth a line. */
export type RealActivity = Activity | PartActivity;

export interface RealPlatformOptions {
  settings: RealSettings;
  /** Replaces the schedule of a cron binding, by its name. */
  schedules?: Readonly<Record<string, string>>;
  /** Called before each step of the start that can take a second or more, and while a long one goes on. */
  onProgress?: (step: string) => void;
  onActivity?: (activity: RealActivity) => void;
  /** Starts the gateway, the bridge and the issuer; left out, they run in this process. */
  startLocal?: (options: PlatformOptions) => Promise<Platform>;
}

/** The platform with Kafka, Postgres, daprd and its scheduler themselves, each of which can be taken down and brought up again. */
export interface RealPlatform extends Omit<Platform, 'sidecar'> {
  /** Addresses of Kafka, comma-separated. */
  brokers: string;
  /** What daprd's callers must send. */
  daprApiToken: string;
  kafka: Part;
  daprd: Part;
  scheduler: Part;
  /** Undefined where `DATABASE_URL` names the server. */
  postgres: Cluster | undefined;
}

/**
 * Starts the system on real parts, on this machine; what it needs of them is built or fetched before, once. Rejects,
 * with nothing left running, when something is missing or a part can't start.
 */
export function startRealPlatform(options: RealPlatformOptions): Promise<RealPlatform> {
  return startTogether((closers) => startParts(options, closers));
}

/** What every part is started with. */
interface Surroundings {
  dataDir: string;
  ports: Ports;
  secrets: Secrets;
  /** What a part's process and its reports need, by the part's name. */
  supervision(name: string): Pick<Parameters<typeof createBroker>[0], 'logFile' | 'reaper' | 'onActivity'>;
  /** Starts a part, and sees to it that it ends with the platform. */
  run<P extends Part>(part: P): Promise<P>;
}

async function startParts(
  {
    settings,
    schedules,
    onProgress = () => {},
    onActivity = () => {},
    startLocal = startPlatform,
  }: RealPlatformOptions,
  closers: Closer[],
): Promise<Omit<RealPlatform, 'close'>> {
  const program = await buildDaprd(onProgress);
  const schedulerProgram = await buildScheduler(onProgress);
  const classPath = await kafkaClassPath(onProgress);

  const { DATA_DIR: dataDir, WAKE_UPS: wakeUps = 'jobs' } = settings;
  await prepareFolder(dataDir);
  closers.push((await lockFolder(dataDir)).release);
  const reaper = createOrphanReaper();
  closers.push(reaper.close);
  const platformDir = join(dataDir, 'platform');
  const surroundings: Surroundings = {
    dataDir,
    ports: await choosePorts(settings),
    secrets: await localSecrets(platformDir),
    supervision: (name) => ({ logFile: join(dataDir, 'logs', `${name}.log`), reaper, onActivity }),
    async run(part) {
      closers.push(part.stop);
      await part.start();
      return part;
    },
  };
  const { ports, secrets } = surroundings;

  onProgress(settings.DATABASE_URL ? 'starting Kafka' : 'starting Postgres and Kafka');
  const [postgres, kafka] = await bothOrNeither(
    settings.DATABASE_URL ? Promise.resolve(undefined) : startPostgres(surroundings),
    startKafka(surroundings, classPath),
  );
  const platform = await startLocal({
    settings: {
      ...settings,
      DATA_DIR: platformDir,
      ...(postgres && { DATABASE_URL: postgres.url }),
      APP_PORT: ports.app,
      DAPR_HTTP_ENDPOINT: `http://127.0.0.1:${ports.dapr}`,
      DAPR_API_TOKEN: secrets.daprApiToken,
      APP_API_TOKEN: secrets.appApiToken,
      WAKE_UPS: wakeUps,
    },
    onProgress,
    onActivity,
  });
  closers.push(platform.close);
  onProgress('starting the scheduler and daprd');
  const scheduler = await startScheduler(surroundings, schedulerProgram);
  const databaseUrl = postgres?.url ?? settings.DATABASE_URL ?? '';
  const mail = await openOutgoingMail(settings, onActivity);
  closers.push(mail.close);
  const daprd = await startDaprd(surroundings, {
    program,
    databaseUrl,
    mail: mail.variables,
    schedules: { ...(wakeUps === 'cron' && schedulesWithoutJobs(await loadFunctions())), ...schedules },
  });
  const { apiUrl, daprUrl, databaseEndpoint, token, running } = platform;
  const { daprApiToken } = secrets;
  return {
    apiUrl,
    daprUrl,
    databaseEndpoint,
    token,
    running,
    brokers: ports.brokers,
    daprApiToken,
    kafka,
    daprd,
    scheduler,
    postgres,
  };
}

async function prepareFolder(dataDir: string): Promise<void> {
  await mkdir(join(dataDir, 'logs'), { recursive: true });
  // Postgres, which root may not run, must get to its folder in here. What is secret has a mode of its own.
  if (process.getuid?.() === 0) await chmod(dataDir, 0o711);
}

async function startPostgres({ dataDir, ports, secrets, supervision, run }: Surroundings): Promise<Cluster> {
  const folder = join(dataDir, 'postgres');
  const password = secrets.databasePassword;
  return run(await createCluster({ folder, port: ports.postgres, password, ...supervision('postgres') }));
}

async function startKafka({ dataDir, ports, supervision, run }: Surroundings, classPath: string): Promise<Part> {
  const folder = join(dataDir, 'kafka');
  const { kafka: port, controller: controllerPort } = ports;
  const broker = await createBroker({ classPath, folder, port, controllerPort, ...supervision('kafka') });
  const kafka = await run(broker);
  await ensureTopics(ports.brokers, allTopics());
  return kafka;
}

/** Where the scheduler of a platform with its data there keeps its jobs. */
export function schedulerFolder(dataDir: string): string {
  return join(dataDir, 'scheduler');
}

async function startScheduler({ dataDir, ports, supervision, run }: Surroundings, program: string): Promise<Part> {
  return run(
    await createScheduler({
      program,
      folder: schedulerFolder(dataDir),
      ports: ports.scheduler,
      ...supervision('scheduler'),
    }),
  );
}

interface DaprdStart {
  program: string;
  databaseUrl: string;
  mail: OutgoingMail['variables'];
  schedules: Readonly<Record<string, string>>;
}

async function startDaprd(
  { dataDir, ports, secrets, supervision, run }: Surroundings,
  { program, databaseUrl, mail, schedules }: DaprdStart,
): Promise<Part> {
  const scheduled = join(dataDir, 'dapr');
  await copyResources(resourcesPath, scheduled, schedules);
  return run(
    createDaprd({
      program,
      resourcesPath: scheduled,
      ports: { http: ports.dapr, grpc: ports.daprGrpc, internal: ports.daprInternal },
      appPort: ports.app,
      brokers: ports.brokers,
      scheduler: schedulerAddress(ports.scheduler),
      databaseUrl,
      mail,
      apiToken: secrets.daprApiToken,
      appToken: secrets.appApiToken,
      ...supervision('daprd'),
    }),
  );
}

/** Like `Promise.all`, but rejects only once nothing is under way any more: what came up can then be taken down. */
async function bothOrNeither<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}
