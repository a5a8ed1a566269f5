import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { APP_ID } from '../../generate/dapr.ts';
import type { OrphanReaper } from '../../local/gateway/orphanReaper.ts';
import { createPart, type Part, type ReportPart } from '../process/part.ts';
import { startProcess } from '../process/process.ts';
import { worthReporting } from './logLine.ts';

export interface DaprdOptions {
  /** The program, as `buildDaprd` makes it. */
  program: string;
  /** A folder of resources such as `infra/dapr`. */
  resourcesPath: string;
  /** On loopback: of its API over HTTP and gRPC, and of what other daprds would call. */
  ports: { http: number; grpc: number; internal: number };
  /** On loopback: of the gateway, which takes events, ticks and invocations. */
  appPort: number;
  /** Addresses of Kafka, comma-separated. */
  brokers: string;
  /** Where the scheduler is, which keeps jobs; left out, there are none. */
  scheduler?: string;
  /** Of the Postgres that state is kept in; empty where no state component is among the resources. */
  databaseUrl: string;
  /** Where e-mails go, by variable; left out, nowhere. */
  mail?: Readonly<Record<string, string>>;
  /** What its callers must send. */
  apiToken: string;
  /** What it sends to the functions. */
  appToken: string;
  logFile: string;
  reaper: OrphanReaper;
  onActivity: ReportPart;
}

const NAME = 'daprd';
const configPath = fileURLToPath(new URL('./config.yaml', import.meta.url));
/** A quarter of a second is usual; with Kafka away it gives up by itself after some seconds. */
const START_TIMEOUT_MS = 30_000;
/** daprd ends itself after 5 s (`--dapr-graceful-shutdown-seconds`), also when a retry is under way. */
const STOP_GRACE_MS = 10_000;
const PROBE_TIMEOUT_MS = 1_000;

/** What its health check says while nothing but the scheduler is missing: it takes and delivers events all the same. */
const WITHOUT_SCHEDULER = /^dapr is not ready: \[(scheduler-[a-z-]+,? ?)+\]$/;
const healthAnswer = z.object({ message: z.string() });

/** The one sidecar of the system, on loopback only. It must reach Kafka when it starts, or else it ends. */
export function createDaprd(options: DaprdOptions): Part {
  let hasServed = false;
  let lastMessage: string | undefined;
  return createPart({
    name: NAME,
    logFile: options.logFile,
    stopSignal: 'SIGTERM',
    stopGraceMs: STOP_GRACE_MS,
    startTimeoutMs: START_TIMEOUT_MS,
    onActivity: options.onActivity,
    readLine: (line) => worthReporting(line, false),
    launch() {
      hasServed = false;
      lastMessage = undefined;
      return startProcess({
        command: [options.program, ...daprdArguments(options)],
        env: daprdEnvironment(options),
        logFile: options.logFile,
        reaper: options.reaper,
        onLine(line) {
          const message = worthReporting(line, hasServed);
          // It says every second that it can't reach Kafka.
          if (!message || message === lastMessage) return;
          lastMessage = message;
          options.onActivity({ part: NAME, kind: 'warning', message });
        },
      });
    },
    async probe() {
      const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
      const response = await fetch(`http://127.0.0.1:${options.ports.http}/v1.0/healthz`, { signal });
      const answer = await response.text();
      if (!response.ok && !isOnlyWithoutScheduler(answer)) {
        throw new Error(`daprd's health check answers ${response.status}: ${answer}`);
      }
      hasServed = true;
    },
  });
}

/** Whether jobs alone have to wait. Not to serve for that would take events away with them. */
function isOnlyWithoutScheduler(answer: string): boolean {
  try {
    return WITHOUT_SCHEDULER.test(healthAnswer.parse(JSON.parse(answer)).message);
  } catch {
    return false;
  }
}

/** What daprd must know beside its arguments: what `infra/dapr` refers to, and both tokens. */
export function daprdEnvironment({
  brokers,
  databaseUrl,
  mail = {},
  apiToken,
  appToken,
}: Pick<DaprdOptions, 'brokers' | 'databaseUrl' | 'mail' | 'apiToken' | 'appToken'>) {
  return {
    ...mail,
    KAFKA_BROKERS: brokers,
    DATABASE_URL: databaseUrl,
    DAPR_API_TOKEN: apiToken,
    APP_API_TOKEN: appToken,
    DAPR_HOST_IP: '127.0.0.1',
  };
}

/** How daprd is started, with everything on loopback. */
export function daprdArguments({
  ports,
  appPort,
  resourcesPath,
  scheduler,
}: Pick<DaprdOptions, 'ports' | 'appPort' | 'resourcesPath' | 'scheduler'>): string[] {
  return [
    ...['--app-id', APP_ID, '--app-channel-address', '127.0.0.1', '--app-port', String(appPort)],
    ...['--resources-path', resourcesPath, '--config', configPath],
    ...['--dapr-http-port', String(ports.http), '--dapr-grpc-port', String(ports.grpc)],
    ...['--dapr-internal-grpc-port', String(ports.internal)],
    ...['--dapr-listen-addresses', '127.0.0.1', '--dapr-internal-grpc-listen-address', '127.0.0.1'],
    // Otherwise it would ask the functions at every start, and so wake them.
    '--disable-init-endpoints=config,subscribe',
    ...(scheduler ? ['--scheduler-host-address', scheduler] : []),
    '--enable-metrics=false',
    '--log-as-json',
  ];
}
