import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '../listen.ts';
import type { SqlEngine } from '../postgres/engine.ts';
import { accessControl } from './accessControl.ts';
import { batchAnswer, errorAnswer, queryAnswer } from './answer.ts';
import { readBody } from './body.ts';
import { readStatements } from './request.ts';
import { requestError } from './requestError.ts';

/** What Neon allowed before it went to 64 MiB, which a machine of one's own need not follow. */
const DEFAULT_MAX_REQUEST_BYTES = 10 * 1024 * 1024;
/** Longer than the pauses of a client at work: a connection that is closed just as it is used again fails a request. */
const KEEP_ALIVE_MS = 65_000;

export interface BridgeOptions {
  engine: Pick<SqlEngine, 'query' | 'transaction'>;
  /** 0 takes a free one. */
  port: number;
  /** The address to listen on; left out, loopback. */
  host?: string | undefined;
  /** What the password in a client's connection string must be; its user, host and database can be any. */
  password: string;
  /** Requests that are larger get a 413. */
  maxRequestBytes?: number | undefined;
  /** Hears of failures that are not the statement's fault, for the log. */
  onFailure?: ((error: unknown) => void) | undefined;
}

export interface Bridge {
  /** Without a path. Neon's driver posts to `/sql` below it. */
  url: string;
  port: number;
  /** Answers the requests that have arrived in full, refuses others, and stops listening. Leaves the engine open. */
  close(): Promise<void>;
}

/**
 * Serves a Postgres as Neon's SQL-over-HTTP endpoint does, for the HTTP mode of `@neondatabase/serverless` with its
 * `neonConfig.fetchEndpoint` set to `<url>/sql`. A client that goes away does not stop what it began: the statement
 * runs to its end, and its answer is dropped.
 */
export async function startBridge(options: BridgeOptions): Promise<Bridge> {
  const { engine, maxRequestBytes = DEFAULT_MAX_REQUEST_BYTES, onFailure = () => {} } = options;
  const authenticate = accessControl(options.password);
  const underWay = new Set<ServerResponse>();
  let closing = false;

  async function runStatements(request: IncomingMessage, response: ServerResponse): Promise<object> {
    authenticate(request.headers);
    const body = await readBody(request, maxRequestBytes);
    const statements = readStatements(body, request.headers);
    underWay.add(response);
    response.once('close', () => underWay.delete(response));
    if (statements.kind === 'single') return queryAnswer(await engine.query(statements.query), statements.arrayMode);
    return batchAnswer(await engine.transaction(statements.queries, statements.options), statements.arrayMode);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (closing) throw requestError(503, 'the bridge is shutting down');
      const path = request.url?.split('?')[0];
      if (path === '/healthz' && request.method === 'GET') {
        await engine.query({ text: 'select 1', params: [] });
        send(response, 200, { status: 'ok' });
      } else if (path === '/sql' && request.method === 'POST') {
        send(response, 200, await runStatements(request, response));
      } else if (path === '/sql') {
        throw requestError(405, 'statements come by POST');
      } else {
        throw requestError(404, `there is nothing at ${path}: POST /sql runs statements, GET /healthz tells of health`);
      }
    } catch (error) {
      const answer = errorAnswer(error);
      if (answer.status >= 500 && !closing) onFailure(error);
      send(response, answer.status, answer.body);
    }
  }

  const server = createServer((request, response) => void handle(request, response));
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const listening = await listen(server, options.port, options.host);

  return {
    url: listening.url,
    port: listening.port,
    async close() {
      closing = true;
      await Promise.all([...underWay].map((response) => once(response, 'close')));
      await listening.close();
    },
  };
}

function send(response: ServerResponse, status: number, body: object): void {
  const json = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json' }).end(json);
}
