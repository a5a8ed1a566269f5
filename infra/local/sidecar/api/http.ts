import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Invoke } from '../invoke/invoke.ts';
import { publishBulk } from '../publish/bulkPublish.ts';
import type { Publisher, PublishRequest } from '../publish/publish.ts';
import { NO_TRACE, traceOf } from '../publish/traceContext.ts';
import { ApiError, PUBLISH_FAILED, publishFailed, unknownPath } from './apiError.ts';
import { MAX_BODY_BYTES, readBody } from './body.ts';
import { type ApiRoute, NO_CONTENT, type Reply, requestMetadata } from './route.ts';

/** What the HTTP API needs from the rest of the sidecar. */
export interface ApiOptions {
  publisher: Publisher;
  /** Further routes. */
  routes: readonly ApiRoute[];
  /** Answers what no route takes. */
  invoke: Invoke;
  apiToken: string | undefined;
  isReady: () => boolean;
  metadata: () => object;
  setMetadata: (key: string, value: string) => void;
  onError: (error: unknown) => void;
}

/** Makes the HTTP server of Dapr's API: pub/sub, health and metadata, and what it is given besides. */
export function createApiServer(options: ApiOptions): Server {
  const routes = [...createRoutes(options), ...options.routes];
  const hasToken = tokenCheck(options.apiToken);
  // No idle timeout, as with daprd: a client's kept connection must not be closed while it is about to be used.
  return createServer({ keepAliveTimeout: 0 }, async (request, response) => {
    const url = new URL(`http://sidecar${request.url}`);
    const health = healthReply(url.pathname, options.isReady);
    if (health) return send(response, health);
    response.setHeader('traceparent', traceOf(request.headers).traceparent || NO_TRACE);
    if (!hasToken(request)) return send(response, { status: 401, body: 'invalid api token\n' });
    const route = routes.find(({ methods, path }) => methods.includes(request.method ?? '') && path.test(url.pathname));
    try {
      if (!route) return await options.invoke(request, response);
      const parameters = route.path.exec(url.pathname)?.slice(1).map(decode) ?? [];
      send(response, await route.handle(request, url, parameters));
    } catch (error) {
      if (!(error instanceof ApiError)) options.onError(error);
      const { status, errorCode } = error instanceof ApiError ? error : { status: 500, errorCode: 'ERR_INTERNAL' };
      send(response, { status, body: { errorCode, message: (error as Error).message } });
    }
  });
}

/** Listens and resolves with the port. @throws when the port is taken, and says so */
export function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const hint =
        cause.code === 'EADDRINUSE' ? 'is in use by another program; stop it or choose another port' : cause.message;
      reject(new Error(`The sidecar can't listen: ${host}:${port} ${hint}`, { cause }));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

/** Lets running requests end, for so many milliseconds at most, and closes all connections. */
export async function closeServer(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(cut);
}

function createRoutes({ publisher, metadata, setMetadata }: ApiOptions): ApiRoute[] {
  return [
    { methods: ['GET'], path: /^\/v1\.0\/metadata$/, handle: () => ({ status: 200, body: metadata() }) },
    {
      methods: ['PUT'],
      path: /^\/v1\.0\/metadata\/([^/]+)$/,
      async handle(request, _url, [key = '']) {
        const body = await readBody(request, MAX_BODY_BYTES);
        setMetadata(key, body?.toString('utf8') ?? '');
        return NO_CONTENT;
      },
    },
    {
      methods: ['POST', 'PUT'],
      path: /^\/v1\.0(?:-alpha1)?\/publish\/bulk\/([^/]+)\/(.+)$/,
      async handle(request, url, parameters) {
        const failedEntries = await publishBulk(
          publisher,
          await readPublishRequest(publisher, request, url, parameters),
        );
        if (failedEntries.length === 0) return NO_CONTENT;
        return { status: 500, body: { failedEntries, errorCode: PUBLISH_FAILED } };
      },
    },
    {
      methods: ['POST', 'PUT'],
      path: /^\/v1\.0\/publish\/([^/]+)\/(.+)$/,
      async handle(request, url, parameters) {
        await publisher.accept(publisher.prepare(await readPublishRequest(publisher, request, url, parameters)));
        return NO_CONTENT;
      },
    },
  ];
}

function healthReply(path: string, isReady: () => boolean): Reply | undefined {
  if (path === '/v1.0/healthz/outbound') return NO_CONTENT;
  if (path !== '/v1.0/healthz') return undefined;
  if (isReady()) return NO_CONTENT;
  return { status: 500, body: { errorCode: 'ERR_HEALTH_NOT_READY', message: 'dapr is not ready: [runtime]' } };
}

async function readPublishRequest(
  publisher: Publisher,
  request: IncomingMessage,
  url: URL,
  [pubsubName = '', topic = '']: string[],
): Promise<PublishRequest> {
  publisher.pubsub(pubsubName);
  const body = await readBody(request, MAX_BODY_BYTES);
  if (!body) throw publishFailed(pubsubName, topic, 'stream too large');
  const metadata = requestMetadata(url);
  const contentType = request.headers['content-type'] ?? '';
  return { pubsubName, topic, contentType, body, metadata, trace: traceOf(request.headers) };
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  if (body === undefined) {
    response.writeHead(status, headers).end();
    return;
  }
  const isText = typeof body === 'string';
  const text = isText ? body : JSON.stringify(body);
  response.writeHead(status, {
    'content-type': isText ? 'text/plain; charset=utf-8' : 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}

function tokenCheck(apiToken: string | undefined): (request: IncomingMessage) => boolean {
  if (apiToken === undefined) return () => true;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const expected = digest(apiToken);
  return ({ headers }) => timingSafeEqual(digest(String(headers['dapr-api-token'] ?? '')), expected);
}

/** As Go decodes a query, which daprd does with what stands in paths: a plus is a space. */
function decode(segment: string): string {
  try {
    return decodeURIComponent(segment.replaceAll('+', ' '));
  } catch {
    throw unknownPath();
  }
}
