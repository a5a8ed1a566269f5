import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toCloudEvent } from '../../shared/events/event.ts';
import type { FunctionDefinition } from '../../shared/runtime/defineFunction.ts';
import { routeOf } from '../../shared/runtime/route.ts';
import type { DatabaseOptions } from '../../shared/store/database.ts';
import { bundlePath, bundleProgram } from '../bundle/bundle.ts';
import { startBridge } from '../local/bridge/bridge.ts';
import { functionVariables } from '../local/functionVariables.ts';
import { AUDIENCE, signToken, startIssuer } from '../local/issuer.ts';
import { listen } from '../local/listen.ts';
import type { SqlEngine } from '../local/postgres/engine.ts';
import { localSecrets } from '../local/secrets.ts';
import { createdEvent } from '../testing/createdEvent.ts';
import { testEngine } from '../testing/testEngine.ts';
import { ask, type Program, start } from './coldProcess.ts';

const APP_API_TOKEN = 'app-token';
const PASSWORD = 'password';
const URL_OF_DATABASE = `postgres://evolution_todo:${PASSWORD}@localhost/evolution_todo`;
const bridgeProgram = { name: 'bridge', module: 'infra/kubernetes/bridge/main.ts' };

/**
 * What a function needs around it to do its work: a Postgres behind its bridge, an issuer of tokens, and a sidecar that
 * takes every event and does nothing with it.
 */
export interface World {
  /** Where functions have their database. */
  database: DatabaseOptions;
  /** The variables that a function wants. */
  environmentOf(definition: FunctionDefinition): Record<string, string>;
  /** A request to create a task, of a user; of a new one, where none is given. */
  taskRequest(userId?: string): Promise<Program['request']>;
  /** The delivery of an event of a new task, as Dapr makes it. */
  eventRequest(definition: FunctionDefinition): Program['request'];
  /** How long the database in this process has worked since it was last asked, in milliseconds. */
  databaseMs(): number;
  close(): Promise<void>;
}

/** Starts one in this process, with a Postgres in memory; or, where a server's URL is given, with a bridge by itself. */
export async function startWorld(databaseUrl?: string): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'evolution-todo-bench-'));
  const secrets = await localSecrets(folder);
  const { endpoint, workedMs, close: closeDatabase } = await (databaseUrl ? bridgeTo(databaseUrl) : inMemory());
  const issuer = await startIssuer(secrets, 0);
  const sidecar = await listen(createServer(acceptEvents), 0);
  const database = { url: URL_OF_DATABASE, fetchEndpoint: endpoint };
  const variables: Record<string, string> = {
    DATABASE_URL: database.url,
    DATABASE_FETCH_ENDPOINT: database.fetchEndpoint,
    JWKS_URL: issuer.jwksUrl,
    JWT_ISSUER: issuer.url,
    JWT_AUDIENCE: AUDIENCE,
    APP_API_TOKEN,
    DAPR_API_TOKEN: 'sidecar-token',
    DAPR_HTTP_ENDPOINT: sidecar.url,
    WEBHOOK_SECRETS_KEY: Buffer.alloc(32).toString('base64'),
  };
  return {
    database,
    environmentOf: (definition) => functionVariables(definition, variables),
    async taskRequest(userId = `user-${randomUUID()}`) {
      const token = await signToken(secrets, issuer.url, userId);
      return {
        method: 'POST',
        path: '/tasks',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ title: 'Buy milk' }),
      };
    },
    eventRequest(definition) {
      const event = createdEvent(`user-${randomUUID()}`);
      return {
        method: 'POST',
        path: routeOf(definition.trigger).path,
        headers: { 'dapr-api-token': APP_API_TOKEN, 'content-type': 'application/cloudevents+json' },
        body: JSON.stringify(toCloudEvent(event, { source: '/evolution-todo/createTask' })),
      };
    },
    databaseMs: workedMs,
    async close() {
      await Promise.all([issuer.close(), sidecar.close()]);
      await closeDatabase();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Answers as a sidecar that is up and takes every event. Dapr's client publishes only once it was told something. */
function acceptEvents(request: IncomingMessage, response: ServerResponse): void {
  request.resume().once('end', () => {
    if (request.method === 'GET') response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    else response.writeHead(204).end();
  });
}

/** A database behind its bridge. */
interface Bridged {
  endpoint: string;
  workedMs(): number;
  close(): Promise<void>;
}

async function inMemory(): Promise<Bridged> {
  const { engine, dispose } = await testEngine('memory');
  let worked = 0;
  const timed = <Args extends unknown[], Result>(work: (...args: Args) => Promise<Result>) => {
    return async (...args: Args): Promise<Result> => {
      const started = performance.now();
      return work(...args).finally(() => {
        worked += performance.now() - started;
      });
    };
  };
  const timedEngine: Pick<SqlEngine, 'query' | 'transaction'> = {
    query: timed(engine.query),
    transaction: timed(engine.transaction),
  };
  const bridge = await startBridge({ engine: timedEngine, port: 0, password: PASSWORD });
  return {
    endpoint: `${bridge.url}/sql`,
    workedMs() {
      const since = worked;
      worked = 0;
      return since;
    },
    async close() {
      await bridge.close();
      await dispose();
    },
  };
}

/** The bridge's program, as a container has it: in a process of its own, it takes no time of those that are measured. */
async function bridgeTo(databaseUrl: string): Promise<Bridged> {
  await bundleProgram(bridgeProgram);
  const env = { DATABASE_URL: databaseUrl, BRIDGE_PASSWORD: PASSWORD };
  const program = { node: process.execPath, args: [bundlePath(bridgeProgram.name)], env };
  const running = await start(program);
  const health = { method: 'GET', path: '/healthz' };
  await ask(running, { ...program, request: health, status: 200 });
  return {
    endpoint: `http://127.0.0.1:${running.port}/sql`,
    workedMs: () => 0,
    close: () => running.stop('SIGTERM'),
  };
}
