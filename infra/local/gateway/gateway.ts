import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ReportActivity } from './activity.ts';
import { createFunctionRunner, type FunctionProcess } from './functionProcess.ts';
import { createListener } from './listener.ts';
import { createOrphanReaper } from './orphanReaper.ts';
import type { Page } from './pages.ts';
import { createPortLender } from './ports.ts';
import { type Audience, createRouter } from './routing.ts';
import { timeLimitOf } from './serveRequest.ts';

/** What the gateway stands in front of, where, and how patient it is. */
export interface GatewayOptions {
  readonly functions: readonly FunctionProcess[];
  /** Address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** 0 takes any free port; the same for `internalPort`. */
  readonly publicPort: number;
  readonly internalPort: number;
  /** A process without a request for this many milliseconds is stopped; Infinity: never. Default 30,000. */
  readonly idleMs?: number;
  /** Milliseconds from spawn to the first healthy answer. Default 10,000. */
  readonly startTimeoutMs?: number;
  /** Milliseconds between SIGTERM and SIGKILL, and for requests in flight when the gateway closes. Default 10,000. */
  readonly stopGraceMs?: number;
  /** Requests that may wait for one function while it starts or is full; more get 503. Default 1,000. */
  readonly maxPending?: number;
  /** What clients get from the gateway itself, by path. Default none. */
  readonly pages?: ReadonlyMap<string, Page>;
  readonly onActivity?: ReportActivity;
}

/** A gateway that listens. */
export interface Gateway {
  /** For clients, such as http://127.0.0.1:8080. */
  readonly publicUrl: string;
  /** For the sidecar: events, ticks and service invocations. */
  readonly internalUrl: string;
  /** The names of the functions whose process is ready. */
  running(): readonly string[];
  /** Stops listening, lets requests in flight finish within the grace, ends all processes. */
  close(): Promise<void>;
}

/** Knative's shortest useful scale-to-zero grace period. */
const DEFAULT_IDLE_MS = 30_000;
/** A hundred times a usual cold start: what takes longer hangs. */
const DEFAULT_START_TIMEOUT_MS = 10_000;
/** As long as a container runtime waits by default. */
const DEFAULT_STOP_GRACE_MS = 10_000;
/** Ten times the concurrency, as in Knative's queue-proxy; with bodies of 64 KiB that is 64 MB at worst. */
const DEFAULT_MAX_PENDING = 1_000;

/**
 * Starts listening for clients and for the sidecar; functions' processes start with their first request.
 * Throws when functions have the same name or route, or a port cannot be had.
 */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { functions, host = '127.0.0.1', stopGraceMs = DEFAULT_STOP_GRACE_MS, onActivity: report = () => {} } = options;
  refuseDuplicateNames(functions);
  const reaper = createOrphanReaper();
  const shared = {
    idleMs: options.idleMs ?? DEFAULT_IDLE_MS,
    startTimeoutMs: options.startTimeoutMs ?? DEFAULT_START_TIMEOUT_MS,
    stopGraceMs,
    maxPending: options.maxPending ?? DEFAULT_MAX_PENDING,
    ports: createPortLender(),
    reaper,
    report,
  };
  const backends = functions.map((definition) => ({ definition, runner: createFunctionRunner(definition, shared) }));
  const longestTimeoutMs = Math.max(0, ...functions.map(timeLimitOf));

  async function open(audiences: readonly Audience[], port: number): Promise<Server> {
    const route = createRouter(backends, audiences);
    const pages = audiences.includes('public') ? options.pages : undefined;
    const server = createListener({ audiences, route, pages, longestTimeoutMs, report });
    await listen(server, host, port);
    return server;
  }

  async function closeAll(): Promise<void> {
    for (const server of servers) server.close();
    await Promise.all(backends.map(({ runner }) => runner.close(stopGraceMs)));
    for (const server of servers) server.closeAllConnections();
    await reaper.close();
  }

  const publicServer = await open(['public'], options.publicPort);
  const servers = [publicServer];
  const internalServer = await open(['internal', 'public'], options.internalPort).catch((error) => {
    publicServer.close();
    throw error;
  });
  servers.push(internalServer);

  let closed: Promise<void> | undefined;
  return {
    publicUrl: urlOf(publicServer),
    internalUrl: urlOf(internalServer),
    running: () => backends.filter(({ runner }) => runner.isRunning()).map(({ definition }) => definition.name),
    close() {
      closed ??= closeAll();
      return closed;
    },
  };
}

function refuseDuplicateNames(functions: readonly FunctionProcess[]): void {
  const names = functions.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`Two functions are named ${twice}. Give one of them another name.`);
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'the port is in use' : String(cause);
    throw new Error(`The gateway cannot listen on ${host}:${port}: ${reason}. Free the port or choose another one.`, {
      cause,
    });
  }
}

/** Where loopback stands in for the address that means every one of this machine's. */
const LOOPBACK: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/** Where this machine reaches a server. */
function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  const host = LOOPBACK[address] ?? address;
  return `http://${family === 'IPv6' ? `[${host}]` : host}:${port}`;
}
