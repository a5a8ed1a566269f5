import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PUBSUB_NAME } from '../../shared/events/catalogue.ts';
import { type CloudEvent, type TaskEvent, toCloudEvent } from '../../shared/events/event.ts';
import type { Publisher } from '../../shared/events/publisher.ts';
import { adapterOf } from '../../shared/runtime/adapter.ts';
import { createApp } from '../../shared/runtime/app.ts';
import type { FunctionDefinition } from '../../shared/runtime/defineFunction.ts';
import type { Email, EmailOutcome } from '../../shared/runtime/email.ts';
import { readEnvironment } from '../../shared/runtime/environment.ts';
import type { Jobs, NewJob } from '../../shared/runtime/jobs.ts';
import type { LogFields } from '../../shared/runtime/log.ts';
import { routeOf } from '../../shared/runtime/route.ts';
import { AUDIENCE, type Issuer, signToken, startIssuer } from '../local/issuer.ts';
import { localSecrets, type Secrets } from '../local/secrets.ts';
import { type TestDatabase, testDatabase } from './database.ts';
import type { Where } from './testEngine.ts';

/**
 * What functions are tested with: a database of their own and a token issuer, both real, and a broker and a mailer that
 * remember.
 */
export interface TestPlatform {
  database: TestDatabase;
  /** CloudEvents that were published, in order. */
  published: CloudEvent[];
  /** What was logged, in order. */
  logged: (LogFields & { level: string })[];
  /** While true, publishing fails, as with a broker that is away. */
  brokerAway: boolean;
  /** E-mails that functions sent, in order, whatever became of them. */
  emails: Email[];
  /** What becomes of an e-mail; undefined: it is sent. */
  emailOutcome: ((email: Email) => EmailOutcome) | undefined;
  /** Jobs that are set, by their names. */
  jobs: Map<string, NewJob>;
  /** While true, no job can be set. */
  schedulerAway: boolean;
  /** The time that functions see; undefined: the real one. */
  now: Date | undefined;
  /** Variables that functions get in place of what tests need as a rule. */
  environment: Record<string, string>;
  /** The function as an app, in front of this platform; `callersScope` is in the tokens of those who call it. */
  app(definition: FunctionDefinition, callersScope?: string): TestApp;
  token(userId: string, scope?: string): Promise<string>;
  /** What the issuer signs with, and its name: for tokens that it should not have made. */
  signing: { secrets: Secrets; issuerUrl: string };
  /** Takes the issuer's public keys away. */
  stopIssuer(): Promise<void>;
  close(): Promise<void>;
}

/** An answer, read: `Body` is what the test expects it to be. */
export interface Answer<Body> {
  status: number;
  headers: Headers;
  body: Body;
}

export interface TestApp {
  /** Sends a request as a user, with a JSON body where one is given, and waits until nothing is under way any more. */
  call<Body>(userId: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<Body>>;
  /** Sends a request as it is. */
  request(path: string, init: RequestInit): Promise<Response>;
  /** Delivers an event, as Dapr would, and waits until nothing is under way any more. */
  deliver(event: TaskEvent): Promise<Response>;
  /** Delivers an event, and waits for the answer only. */
  deliverOnly(event: TaskEvent): Promise<Response>;
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>;
  /** Tells what is under way to begin nothing new, as when the process is to end. */
  stop(): void;
  /** Delivers a message of a dead-letter topic, as Dapr does to a raw subscription on Kafka. */
  deliverDeadLetter(topic: string, message: string | Buffer, key?: string): Promise<Response>;
  /** Lets the cron tick. */
  tick(): Promise<Response>;
  /** Lets the job come due, with the data that it was set with. */
  comeDue(data?: unknown): Promise<Response>;
}

const APP_API_TOKEN = 'app-token';

/** Starts a platform for tests; `on` says where its database is, as for `testDatabase`. */
export async function testPlatform(on?: Where): Promise<TestPlatform> {
  const folder = await mkdtemp(join(tmpdir(), 'evolution-todo-test-'));
  const secrets = await localSecrets(folder);
  const database = await testDatabase(on);
  const issuer = await startIssuer(secrets, 0);
  const platform: TestPlatform = {
    database,
    published: [],
    logged: [],
    brokerAway: false,
    emails: [],
    emailOutcome: undefined,
    jobs: new Map(),
    schedulerAway: false,
    now: undefined,
    environment: {},
    app: (definition, callersScope) => testApp(definition, { platform, issuer, callersScope }),
    token: (userId, scope) => signToken(secrets satisfies Secrets, issuer.url, userId, scope, platform.now),
    signing: { secrets, issuerUrl: issuer.url },
    stopIssuer: () => issuer.close(),
    async close() {
      await issuer.close();
      await database.close();
      await rm(folder, { recursive: true });
    },
  };
  return platform;
}

function rememberingPublisher(platform: TestPlatform): Publisher {
  const away = new Error('the broker is away');
  return {
    async publish(event) {
      if (platform.brokerAway) throw away;
      platform.published.push(event);
    },
    async publishBulk(events) {
      if (platform.brokerAway) return new Map(events.map((event) => [event, away]));
      platform.published.push(...events);
      return new Map();
    },
  };
}

function rememberingJobs(platform: TestPlatform): Jobs {
  const requireScheduler = () => {
    if (platform.schedulerAway) throw new Error('the scheduler is away');
  };
  return {
    async schedule(name, job) {
      requireScheduler();
      if (platform.jobs.has(name) && !job.overwrite) return false;
      platform.jobs.set(name, job);
      return true;
    },
    async cancel(name) {
      requireScheduler();
      platform.jobs.delete(name);
    },
  };
}

interface TestAppOptions {
  platform: TestPlatform;
  issuer: Issuer;
  callersScope: string | undefined;
}

function testApp(definition: FunctionDefinition, { platform, issuer, callersScope }: TestAppOptions): TestApp {
  const environment = readEnvironment(definition, {
    DATABASE_URL: platform.database.url,
    DATABASE_FETCH_ENDPOINT: platform.database.fetchEndpoint,
    JWKS_URL: issuer.jwksUrl,
    JWT_ISSUER: issuer.url,
    JWT_AUDIENCE: AUDIENCE,
    APP_API_TOKEN,
    DAPR_HTTP_ENDPOINT: 'http://127.0.0.1:9',
    DAPR_API_TOKEN: 'unused',
    WEBHOOK_SECRETS_KEY: platform.signing.secrets.webhookSecretsKey,
    // Receivers are on this machine.
    WEBHOOK_ALLOW_PRIVATE_ADDRESSES: 'true',
    ...platform.environment,
  });
  const { app, settled, stop } = createApp(definition, adapterOf(definition), {
    environment,
    log: (level, fields) => void platform.logged.push({ level, ...fields }),
    clock: () => platform.now ?? new Date(),
    publisher: rememberingPublisher(platform),
    jobs: rememberingJobs(platform),
    async sendEmail(email) {
      platform.emails.push(email);
      return platform.emailOutcome?.(email) ?? { outcome: 'sent' };
    },
  });
  const { method, path: route } = routeOf(definition.trigger);
  const request = async (path: string, init: RequestInit) => {
    const response = await app.request(path, init);
    await settled();
    return response;
  };
  const fromDapr = (headers: Record<string, string>, body?: string) =>
    request(route, {
      method,
      headers: { 'dapr-api-token': APP_API_TOKEN, ...headers },
      ...(body !== undefined && { body }),
    });
  const headersOfEvent = { 'content-type': 'application/cloudevents+json' };
  const bodyOf = (event: TaskEvent) => JSON.stringify(toCloudEvent(event, { source: '/test' }));
  return {
    request,
    settled,
    stop,
    async call<Body>(userId: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
      const authorization = `Bearer ${await platform.token(userId, callersScope)}`;
      const json = body !== undefined && { 'content-type': 'application/json' };
      const response = await request(path, {
        method,
        headers: { authorization, ...json, ...headers },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: (text ? JSON.parse(text) : undefined) as Body,
      };
    },
    deliver: (event) => fromDapr(headersOfEvent, bodyOf(event)),
    deliverOnly: async (event) => {
      const headers = { 'dapr-api-token': APP_API_TOKEN, ...headersOfEvent };
      return app.request(route, { method, headers, body: bodyOf(event) });
    },
    deliverDeadLetter: (topic, message, key) => {
      const wrapped = {
        specversion: '1.0',
        id: randomUUID(),
        type: 'com.dapr.event.sent',
        source: 'Dapr',
        datacontenttype: 'application/octet-stream',
        topic,
        pubsubname: PUBSUB_NAME,
        data_base64: Buffer.from(message).toString('base64'),
      };
      return fromDapr(
        {
          'content-type': 'application/cloudevents+json',
          ...(key !== undefined && { __key: key }),
          ...{ __topic: topic, __partition: '3', __offset: '1024' },
        },
        JSON.stringify(wrapped),
      );
    },
    tick: () => fromDapr({ 'content-type': 'application/json' }),
    comeDue: (data = null) => fromDapr({ 'content-type': 'application/json' }, JSON.stringify(data)),
  };
}
