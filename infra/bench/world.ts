import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toCloudEvent } from '../../shared/events/event.ts';
import type { FunctionDefinition } from '../../shared/runtime/defineFunction.ts';
import { environmentSchema } from '../../shared/runtime/environment.ts';
import { routeOf } from '../../shared/runtime/route.ts';
import { startBridge } from '../local/bridge/bridge.ts';
import { AUDIENCE, signToken, startIssuer } from '../local/issuer.ts';
import { listen } from '../local/listen.ts';
import type { SqlEngine } from '../local/postgres/engine.ts';
import { localSecrets } from '../local/secrets.ts';
import { createdEvent } from '../testing/createdEvent.ts';
import { testEngine } from '../testing/testEngine.ts';
import type { Program } from './coldProcess.ts';

const APP_API_TOKEN = 'app-token';
const PASSWORD = 'password';

/**
 * What a function needs around it to do its work, all in this process: a Postgres in memory behind its bridge, an issuer
 * of tokens, and a sidecar that takes every event and does nothing with it.
 */
export interface World {
  /** The variables that a function wants. */
  environmentOf(definition: FunctionDefinition): Record<string, string>;
  /** A request to create a task. */
  taskRequest(): Promise<Program['request']>;
  /** The delivery of an event of a new task, as Dapr makes it. */
  eventRequest(definition: FunctionDefinition): Program['request'];
  /** How long the database has worked since it was last asked, in milliseconds. */
  databaseMs(): number;
  close(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'evolution-todo-bench-'));
  const secrets = await localSecrets(folder);
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
  const issuer = await startIssuer(secrets, 0);
  const sidecar = await listen(
    createServer((request, response) => void request.resume().once('end', () => response.writeHead(204).end())),
    0,
  );
  const variables: Record<string, string> = {
    DATABASE_URL: `postgres://evolution_todo:${PASSWORD}@localhost/evolution_todo`,
    DATABASE_FETCH_ENDPOINT: `${bridge.url}/sql`,
    JWKS_URL: issuer.jwksUrl,
    JWT_ISSUER: issuer.url,
    JWT_AUDIENCE: AUDIENCE,
    APP_API_TOKEN,
    DAPR_API_TOKEN: 'sidecar-token',
    DAPR_HTTP_ENDPOINT: sidecar.url,
    WEBHOOK_SECRETS_KEY: Buffer.alloc(32).toString('base64'),
  };
  return {
    environmentOf(definition) {
      const wanted = Object.keys(environmentSchema(definition).shape);
      return Object.fromEntries(Object.entries(variables).filter(([name]) => wanted.includes(name)));
    },
    async taskRequest() {
      const token = await signToken(secrets, issuer.url, `user-${randomUUID()}`);
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
    databaseMs() {
      const since = worked;
      worked = 0;
      return since;
    },
    async close() {
      await Promise.all([bridge.close(), issuer.close(), sidecar.close()]);
      await dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
