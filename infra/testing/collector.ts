import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

/** One request to the collector. */
export interface Export {
  path: string;
  contentType: string | undefined;
  authorization: string | undefined;
  body: Buffer;
}

/** Attributes as OTLP's JSON has them. */
export interface Attributed {
  attributes: { key: string; value: Record<string, unknown> }[];
}
export interface Span extends Attributed {
  name: string;
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  [field: string]: unknown;
}
export interface Metric {
  name: string;
  [field: string]: unknown;
}
/** What was sent by one process, and what that says it is. */
interface Sent<Item> {
  resource: Attributed;
  items: Item[];
}

interface Traces {
  resourceSpans: { resource: Attributed; scopeSpans: { spans: Span[] }[] }[];
}
interface Metrics {
  resourceMetrics: { resource: Attributed; scopeMetrics: { metrics: Metric[] }[] }[];
}

/** Takes traces and metrics over OTLP/HTTP, and keeps them for a test to look at. */
export async function startCollector() {
  const exports: Export[] = [];
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray());
    exports.push({
      path: request.url ?? '',
      contentType: request.headers['content-type'],
      authorization: request.headers.authorization,
      body: request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body,
    });
    response.setHeader('content-type', 'application/json').end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  const sent = <T>(path: string) =>
    exports.filter((each) => each.path === path).map(({ body }) => JSON.parse(body.toString()) as T);
  return {
    exports,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** The spans that came, of those who send JSON. */
    spans: (): Sent<Span>[] =>
      sent<Traces>('/v1/traces').flatMap(({ resourceSpans }) =>
        resourceSpans.map(({ resource, scopeSpans }) => ({
          resource,
          items: scopeSpans.flatMap(({ spans }) => spans),
        })),
      ),
    /** The metrics that came, of those who send JSON. */
    metrics: (): Sent<Metric>[] =>
      sent<Metrics>('/v1/metrics').flatMap(({ resourceMetrics }) =>
        resourceMetrics.map(({ resource, scopeMetrics }) => ({
          resource,
          items: scopeMetrics.flatMap(({ metrics }) => metrics),
        })),
      ),
    close: () => void server.close(),
  };
}

/** The value of an attribute. */
export function attributeOf({ attributes }: Attributed, key: string): unknown {
  return Object.values(attributes.find((each) => each.key === key)?.value ?? {})[0];
}
