import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { RegExpRouter } from 'hono/router/reg-exp-router';
import { Hono } from 'hono/tiny';
import { DomainError } from '../domain/errors.ts';
import type { Publisher } from '../events/publisher.ts';
import { connect, type Identity, readAs, runAs } from '../store/database.ts';
import type { Adapter } from './adapter.ts';
import { commit } from './commit.ts';
import type { Context, FunctionDefinition } from './defineFunction.ts';
import type { SendEmail } from './email.ts';
import type { Environment } from './environment.ts';
import type { Invocation } from './invocation.ts';
import type { Jobs } from './jobs.ts';
import type { Log } from './log.ts';
import { problemResponse } from './problem.ts';
import { createRelay } from './relay.ts';
import { routeOf } from './route.ts';
import { silentTelemetry, type Telemetry } from './telemetry.ts';
import { formatTraceparent } from './trace.ts';
import { jobsSetBy, type WakeUpNeed } from './wakeUp.ts';

/** A publish that takes longer is left to the sweep: its caller is gone, its function may be about to sleep. */
export const PUBLISH_TIMEOUT_MS = 2_000;
/**
 * So long what nobody waits for can wait for others with which it shares a transaction, in milliseconds. Another event of
 * the same task is held up for so long.
 */
const LINGER_MS = 50;
/** Longer than the sidecar's own limit, which knows better what happened, and well within a function's. */
const EMAIL_TIMEOUT_MS = 10_000;
/** A job that takes longer to set is left to whatever sweeps for what is due. */
const JOBS_TIMEOUT_MS = 2_000;

export interface AppOptions {
  environment: Environment;
  log: Log;
  telemetry?: Telemetry;
  clock?: () => Date;
  /** Publishes elsewhere than through Dapr. */
  publisher?: Publisher;
  /** Sends e-mails elsewhere than through Dapr. */
  sendEmail?: SendEmail;
  /** Sets jobs elsewhere than through Dapr. */
  jobs?: Jobs;
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

/**
 * Turns a definition into a Hono app, which answers through the adapter of its trigger. Everything outside it (database,
 * broker, clock, log) comes in here.
 */
export function createApp(definition: FunctionDefinition, adapter: Adapter, options: AppOptions): FunctionApp {
  const { environment, log, telemetry = silentTelemetry, clock = () => new Date() } = options;
  const { publisher = publisherFor(definition, environment) } = options;
  const { sendEmail = mailerFor(definition, environment) } = options;
  const { jobs = jobsFor(definition, environment) } = options;
  const { measure } = telemetry;
  const sql = connect({ url: environment.DATABASE_URL, fetchEndpoint: environment.DATABASE_FETCH_ENDPOINT });
  const source = `/evolution-todo/${definition.name}`;
  const asSystem = runAs(sql, 'system');
  const wakeUp = async (log: Log, need: WakeUpNeed = {}): Promise<void> => {
    if (environment.WAKE_UPS !== 'jobs') return;
    const { seeToWakeUp } = await import('./seeToWakeUp.ts');
    await seeToWakeUp({ sql, run: asSystem, jobs, clock, log }, need);
  };
  const { inBackground, linger, settled } = backgroundWork(log);
  const relay = createRelay({
    sql,
    run: asSystem,
    clock,
    log,
    measure,
    publisher,
    company: () => linger(LINGER_MS),
    wakeUp: (need) => wakeUp(log, need),
  });
  const stopping = new AbortController();

  const begin: Invocation['begin'] = (name, spanOptions) => {
    const started = performance.now();
    const now = clock();
    const span = telemetry.startSpan(name, spanOptions);
    const traced: Log = (level, fields) => log(level, { trace: span.context.traceId, ...fields });
    const origin = { source, trace: formatTraceparent(span.context) };
    const wakeUpThen = (need?: WakeUpNeed) => wakeUp(traced, need);
    const contextFor = (identity: Identity): Context => {
      const run = runAs(sql, identity);
      return {
        now,
        origin,
        sql,
        read: readAs(sql, identity),
        run,
        log: traced,
        measure,
        env: environment,
        commit: (change) => commit(change, { sql, run, now, origin, relay, inBackground, wakeUp: wakeUpThen }),
        relay: relay.publish,
        republish: publisher.publish,
        sendEmail,
        jobs,
        wakeUp: wakeUpThen,
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
  // As Hono chooses without its preset of the least code, whose own router would take a slash at the end for nothing.
  app.router = new RegExpRouter();
  app.get('/healthz', (c) => c.text('ok'));
  const { method, path, audience } = routeOf(definition.trigger);
  const invocation: Invocation = { environment, begin, measure, inBackground, settled };
  app.on(method, path, adapter(invocation));
  app.notFound((c) => {
    // Dapr gives an event up at a 404, and a wrong address is a fault of the deployment that can be mended.
    if (audience === 'internal') return c.json({ error: `${definition.name} answers ${method} ${path} only.` }, 503);
    return problemResponse(c, new DomainError('not_found', `${definition.name} answers ${method} ${path} only.`));
  });
  return { app, settled, stop: () => stopping.abort() };
}

/** Publishes through Dapr, whose client is loaded by the first event: behind the answer to what wrote it. */
function publisherFor(definition: FunctionDefinition, environment: Environment): Publisher {
  const { DAPR_HTTP_ENDPOINT: endpoint, DAPR_API_TOKEN: apiToken } = environment;
  const publisher = once(async () => {
    if (!endpoint || !apiToken) {
      throw new Error(`${definition.name} writes events, but its definition lists none in "emits"`);
    }
    await setImmediate();
    const { daprPublisher } = await import('../events/publisher.ts');
    return daprPublisher({ endpoint, apiToken, timeoutMs: PUBLISH_TIMEOUT_MS });
  });
  return {
    publish: async (event) => (await publisher()).publish(event),
    publishBulk: async (events) => (await publisher()).publishBulk(events),
  };
}

/** Sends through Dapr; what does is loaded by the first e-mail, since almost no function sends any. */
function mailerFor({ name, sendsEmail }: FunctionDefinition, environment: Environment): SendEmail {
  const { DAPR_HTTP_ENDPOINT: endpoint, DAPR_API_TOKEN: apiToken } = environment;
  const mailer = once(async () => {
    if (!sendsEmail || !endpoint || !apiToken) {
      throw new Error(`${name} sends an e-mail, but its definition has no "sendsEmail"`);
    }
    const { daprMailer } = await import('./email.ts');
    return daprMailer({ endpoint, apiToken, timeoutMs: EMAIL_TIMEOUT_MS });
  });
  return async (email) => (await mailer())(email);
}

/** Sets jobs through Dapr; what does is loaded by the first of them, behind the answer as a rule. */
function jobsFor(definition: FunctionDefinition, environment: Environment): Jobs {
  const { name } = definition;
  const own = jobsSetBy(definition);
  const { DAPR_HTTP_ENDPOINT: endpoint, DAPR_API_TOKEN: apiToken } = environment;
  const jobs = once(async () => {
    if (!endpoint || !apiToken) throw new Error(`${name} has no sidecar to set jobs with`);
    const { daprJobs } = await import('./jobs.ts');
    return daprJobs({ endpoint, apiToken, timeoutMs: JOBS_TIMEOUT_MS });
  });
  const requireOwn = (job: string) => {
    if (!own.includes(job)) throw new Error(`${name} sets the job ${job}, which its "setsJobs" does not list`);
  };
  return {
    async schedule(job, options) {
      requireOwn(job);
      return (await jobs()).schedule(job, options);
    },
    async cancel(job) {
      requireOwn(job);
      return (await jobs()).cancel(job);
    },
  };
}

/** Makes something when it is first asked for. */
function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/**
 * Work that goes on after an answer; what fails of it is logged, since nobody waits for it. It may linger, until somebody
 * wants all of it to be done.
 */
function backgroundWork(log: Log) {
  const running = new Set<Promise<void>>();
  let hurry = new AbortController();
  return {
    linger: (ms: number): Promise<void> => sleep(ms, undefined, { signal: hurry.signal }).catch(() => {}),
    inBackground(work: Promise<unknown>): void {
      const watched: Promise<void> = work.then(
        () => {},
        (error: unknown) => log('error', { outcome: 'background-failed', error }),
      );
      running.add(watched);
      void watched.then(() => running.delete(watched));
    },
    async settled(): Promise<void> {
      hurry.abort();
      while (running.size > 0) await Promise.all(running);
      hurry = new AbortController();
    },
  };
}
