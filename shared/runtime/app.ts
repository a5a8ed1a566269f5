import { Hono } from 'hono';
import { DomainError } from '../domain/errors.ts';
import { daprPublisher, type Publisher } from '../events/publisher.ts';
import { connect, type Identity, runAs } from '../store/database.ts';
import { commit } from './commit.ts';
import { serveCron } from './cron.ts';
import { serveDeadLetter } from './deadLetter.ts';
import { type Context, type FunctionDefinition, isCron, isDeadLetter, isEvent, isHttp } from './defineFunction.ts';
import { daprMailer, type SendEmail } from './email.ts';
import type { Environment } from './environment.ts';
import { serveEvent } from './event.ts';
import { serveHttp } from './http.ts';
import type { Invocation } from './invocation.ts';
import type { Log } from './log.ts';
import { problemResponse } from './problem.ts';
import { createRelay } from './relay.ts';
import { routeOf } from './route.ts';
import { silentTelemetry, type Telemetry } from './telemetry.ts';
import { formatTraceparent } from './trace.ts';

/** A publish that takes longer is left to the sweep: its caller is gone, its function may be about to sleep. */
export const PUBLISH_TIMEOUT_MS = 2_000;
/** Longer than the sidecar's own limit, which knows better what happened, and well within a function's. */
const EMAIL_TIMEOUT_MS = 10_000;

export interface AppOptions {
  environment: Environment;
  log: Log;
  telemetry?: Telemetry;
  clock?: () => Date;
  /** Publishes elsewhere than through Dapr. */
  publisher?: Publisher;
  /** Sends e-mails elsewhere than through Dapr. */
  sendEmail?: SendEmail;
}

/** A function as a web application. */
export interface FunctionApp {
  /** Answers the function's one route and `/healthz`. */
  app: Hono;
  /** Resolves when nothing is under way in the background any more. */
  settled(): Promise<void>;
  /** Tells what is under way in the background to begin nothing new. */
  stop(): void;
}

/** Turns a definition into a Hono app. Everything outside it (database, broker, clock, log) comes in here. */
export function createApp(definition: FunctionDefinition, options: AppOptions): FunctionApp {
  const { environment, log, telemetry = silentTelemetry, clock = () => new Date() } = options;
  const { publisher = publisherFor(definition, environment) } = options;
  const { sendEmail = mailerFor(definition, environment) } = options;
  const { measure } = telemetry;
  const sql = connect({ url: environment.DATABASE_URL, fetchEndpoint: environment.DATABASE_FETCH_ENDPOINT });
  const source = `/evolution-todo/${definition.name}`;
  const relay = createRelay({ sql, run: runAs(sql, 'system'), clock, log, measure, publisher });
  const { inBackground, settled } = backgroundWork(log);
  const stopping = new AbortController();

  const begin: Invocation['begin'] = (name, spanOptions) => {
    const started = performance.now();
    const now = clock();
    const span = telemetry.startSpan(name, spanOptions);
    const traced: Log = (level, fields) => log(level, { trace: span.context.traceId, ...fields });
    const origin = { source, trace: formatTraceparent(span.context) };
    const contextFor = (identity: Identity): Context => {
      const run = runAs(sql, identity);
      return {
        now,
        origin,
        sql,
        run,
        log: traced,
        measure,
        env: environment,
        commit: (change) => commit(change, { sql, run, now, origin, relay, inBackground }),
        relay: relay.publish,
        republish: publisher.publish,
        sendEmail,
        afterwards: (work) => inBackground(work({ clock, stopping: stopping.signal })),
      };
    };
    return {
      now,
      log: traced,
      contextFor,
      end(level, fields, attributes = {}) {
        traced(level, { ...fields, ms: Math.round(performance.now() - started) });
        span.end(attributes, level === 'error' ? (fields.error ?? fields.outcome) : undefined);
      },
    };
  };

  const app = new Hono();
  app.get('/healthz', (c) => c.text('ok'));
  const { method, path, audience } = routeOf(definition.trigger);
  const invocation: Invocation = { environment, begin, measure, inBackground, settled };
  if (isHttp(definition)) app.on(method, path, serveHttp(definition, invocation));
  if (isEvent(definition)) app.on(method, path, serveEvent(definition, invocation));
  if (isDeadLetter(definition)) app.on(method, path, serveDeadLetter(definition, invocation));
  if (isCron(definition)) app.on(method, path, serveCron(definition, invocation));
  app.notFound((c) => {
    // Dapr gives an event up at a 404, and a wrong address is a fault of the deployment that can be mended.
    if (audience === 'internal') return c.json({ error: `${definition.name} answers ${method} ${path} only.` }, 503);
    return problemResponse(c, new DomainError('not_found', `${definition.name} answers ${method} ${path} only.`));
  });
  return { app, settled, stop: () => stopping.abort() };
}

function publisherFor(definition: FunctionDefinition, environment: Environment): Publisher {
  const { DAPR_HTTP_ENDPOINT: endpoint, DAPR_API_TOKEN: apiToken } = environment;
  if (endpoint && apiToken) return daprPublisher({ endpoint, apiToken, timeoutMs: PUBLISH_TIMEOUT_MS });
  const refuse = async () => {
    throw new Error(`${definition.name} writes events, but its definition lists none in "emits"`);
  };
  return { publish: refuse, publishBulk: refuse };
}

function mailerFor({ name, sendsEmail }: FunctionDefinition, environment: Environment): SendEmail {
  const { DAPR_HTTP_ENDPOINT: endpoint, DAPR_API_TOKEN: apiToken } = environment;
  if (sendsEmail && endpoint && apiToken) return daprMailer({ endpoint, apiToken, timeoutMs: EMAIL_TIMEOUT_MS });
  return async () => {
    throw new Error(`${name} sends an e-mail, but its definition has no "sendsEmail"`);
  };
}

/** Work that goes on after an answer; what fails of it is logged, since nobody waits for it. */
function backgroundWork(log: Log) {
  const running = new Set<Promise<void>>();
  return {
    inBackground(work: Promise<unknown>): void {
      const watched: Promise<void> = work.then(
        () => {},
        (error: unknown) => log('error', { outcome: 'background-failed', error }),
      );
      running.add(watched);
      void watched.then(() => running.delete(watched));
    },
    async settled(): Promise<void> {
      while (running.size > 0) await Promise.all(running);
    },
  };
}
