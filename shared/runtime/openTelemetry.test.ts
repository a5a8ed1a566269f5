import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Log } from './log.ts';
import { openTelemetry } from './openTelemetry.ts';
import { wantsTelemetry } from './telemetry.ts';

/** What a collector is sent, as OTLP's JSON has it; only what these tests look at. */
interface Export {
  path: string;
  contentType: string | undefined;
  authorization: string | undefined;
  body: Buffer;
}
interface Spans {
  resourceSpans: { resource: Attributed; scopeSpans: { spans: (Attributed & Record<string, unknown>)[] }[] }[];
}
interface Metrics {
  resourceMetrics: { resource: Attributed; scopeMetrics: { metrics: Record<string, unknown>[] }[] }[];
}
interface Attributed {
  attributes: { key: string; value: Record<string, unknown> }[];
}

const exports: Export[] = [];
const collector = createServer(async (request, response) => {
  const body = Buffer.concat(await request.toArray());
  exports.push({
    path: request.url ?? '',
    contentType: request.headers['content-type'],
    authorization: request.headers.authorization,
    body: request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body,
  });
  response.setHeader('content-type', 'application/json').end('{}');
});
beforeAll(async () => {
  collector.listen(0, '127.0.0.1');
  await once(collector, 'listening');
});
afterAll(() => void collector.close());
beforeEach(() => {
  exports.length = 0;
  vi.unstubAllEnvs();
});

/** Telemetry as a function has it with these variables, and what it logged. */
function telemetryWith(variables: Record<string, string>) {
  // The SDK reads most of them by itself.
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  const warnings: string[] = [];
  const log: Log = (_level, { reason }) => void warnings.push(String(reason));
  return { ...openTelemetry({ serviceName: 'create-task', variables: process.env, log }), warnings };
}
const endpoint = () => `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
const json = () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint(), OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' });
const sent = <T>(path: string) =>
  exports.filter((each) => each.path === path).map(({ body }) => JSON.parse(body.toString()) as T);
const attributeOf = ({ attributes }: Attributed, key: string) =>
  Object.values(attributes.find((each) => each.key === key)?.value ?? {})[0];
const parent = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', sampled: true };

describe('spans', () => {
  test('are sent with their parent, their attributes, and whether they failed', async () => {
    const telemetry = telemetryWith(json());
    const span = telemetry.startSpan('POST /tasks', { kind: 'server', parent });
    span.end({ 'http.response.status_code': 500 }, new TypeError('secret'));
    await telemetry.shutdown();

    const [{ resourceSpans: [resourceSpan] = [] } = { resourceSpans: [] }] = sent<Spans>('/v1/traces');
    expect(resourceSpan && attributeOf(resourceSpan.resource, 'service.name')).toBe('create-task');
    const span0 = resourceSpan?.scopeSpans[0]?.spans[0];
    expect(span0).toMatchObject({
      name: 'POST /tasks',
      kind: 2,
      traceId: parent.traceId,
      parentSpanId: parent.spanId,
      spanId: span.context.spanId,
      status: { code: 2, message: 'TypeError' },
    });
    expect(span0 && attributeOf(span0, 'http.response.status_code')).toBe(500);
    expect(exports.map(({ body }) => body.toString()).join()).not.toContain('secret');
  });

  test('of a trace that is not recorded are not sent, and hand that on', async () => {
    const telemetry = telemetryWith(json());
    const span = telemetry.startSpan('x', { kind: 'consumer', parent: { ...parent, sampled: false } });
    span.end({});
    await telemetry.shutdown();
    expect(span.context).toMatchObject({ traceId: parent.traceId, sampled: false });
    expect(sent('/v1/traces')).toEqual([]);
  });

  test('are sampled as OTEL_TRACES_SAMPLER says', async () => {
    const telemetry = telemetryWith({ ...json(), OTEL_TRACES_SAMPLER: 'always_off' });
    const span = telemetry.startSpan('x', { kind: 'internal', parent: undefined });
    span.end({});
    await telemetry.shutdown();
    expect(span.context.sampled).toBe(false);
    expect(sent('/v1/traces')).toEqual([]);
  });
});

test('counters, gauges and histograms are sent with their units and bounds', async () => {
  const telemetry = telemetryWith(json());
  for (let n = 0; n < 3; n += 1) {
    telemetry.measure('evolution_todo.events.published', 2, { 'event.type': 'task.created' });
  }
  telemetry.measure('evolution_todo.outbox.depth', 7);
  telemetry.measure('evolution_todo.outbox.depth', 5);
  telemetry.measure('evolution_todo.reminders.lateness', 0.3);
  await telemetry.shutdown();

  const metrics = sent<Metrics>('/v1/metrics').flatMap(({ resourceMetrics }) =>
    resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap((scope) => scope.metrics)),
  );
  const named = (name: string) => metrics.find((metric) => metric.name === name);
  expect(named('evolution_todo.events.published')).toMatchObject({
    unit: '{event}',
    sum: { isMonotonic: true, dataPoints: [{ asDouble: 6 }] },
  });
  expect(named('evolution_todo.outbox.depth')).toMatchObject({ gauge: { dataPoints: [{ asDouble: 5 }] } });
  expect(named('evolution_todo.reminders.lateness')).toMatchObject({
    unit: 's',
    histogram: { dataPoints: [{ count: 1, sum: 0.3, explicitBounds: expect.arrayContaining([0.25, 0.5, 3600]) }] },
  });
});

test('the standard variables name service, resource and headers, and switch each signal off', async () => {
  const telemetry = telemetryWith({
    ...json(),
    OTEL_SERVICE_NAME: 'mine',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Bearer%20key',
    OTEL_METRICS_EXPORTER: 'none',
  });
  telemetry.startSpan('x', { kind: 'internal', parent: undefined }).end({});
  telemetry.measure('evolution_todo.outbox.depth', 1);
  await telemetry.shutdown();
  expect(exports.map(({ path, authorization }) => [path, authorization])).toEqual([['/v1/traces', 'Bearer key']]);
  const resource = sent<Spans>('/v1/traces')[0]?.resourceSpans[0]?.resource;
  expect(
    resource && [attributeOf(resource, 'service.name'), attributeOf(resource, 'deployment.environment.name')],
  ).toEqual(['mine', 'test']);
});

test('the protocol is protobuf unless it is said to be JSON; one that is not HTTP is refused', async () => {
  const telemetry = telemetryWith({ OTEL_EXPORTER_OTLP_ENDPOINT: endpoint() });
  telemetry.startSpan('POST /tasks', { kind: 'server', parent }).end({});
  await telemetry.shutdown();
  expect(exports[0]).toMatchObject({ path: '/v1/traces', contentType: 'application/x-protobuf' });
  expect(exports[0]?.body.includes(Buffer.from(parent.traceId, 'hex'))).toBe(true);

  expect(() => telemetryWith({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toThrow('use http/protobuf or http/json');
});

test('a collector that is away costs a warning', async () => {
  const telemetry = telemetryWith({ ...json(), OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
  vi.stubEnv('OTEL_EXPORTER_OTLP_TIMEOUT', '200');
  telemetry.startSpan('x', { kind: 'internal', parent: undefined }).end({});
  await telemetry.shutdown();
  expect(telemetry.warnings.join()).toContain('ECONNREFUSED');
});

test.each([
  [{}, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, true],
  [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://collector:4318/v1/metrics' }, true],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SDK_DISABLED: 'true' }, false],
])('with %j telemetry is wanted: %s', (variables, wanted) => {
  expect(wantsTelemetry(variables)).toBe(wanted);
});
