import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { attributeOf, startCollector } from '../../infra/testing/collector.ts';
import type { Log } from './log.ts';
import { openTelemetry } from './openTelemetry.ts';
import { wantsTelemetry } from './telemetry.ts';

let collector: Awaited<ReturnType<typeof startCollector>>;
beforeAll(async () => {
  collector = await startCollector();
});
afterAll(() => collector.close());
beforeEach(() => {
  collector.exports.length = 0;
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
const json = () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' });
const parent = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', sampled: true };

describe('spans', () => {
  test('are sent with their parent, their attributes, and whether they failed', async () => {
    const telemetry = telemetryWith(json());
    const span = telemetry.startSpan('POST /tasks', { kind: 'server', parent });
    span.end({ 'http.response.status_code': 500 }, new TypeError('secret'));
    await telemetry.shutdown();

    const [sent] = collector.spans();
    expect(sent && attributeOf(sent.resource, 'service.name')).toBe('create-task');
    const received = sent?.items[0];
    expect(received).toMatchObject({
      name: 'POST /tasks',
      kind: 2,
      traceId: parent.traceId,
      parentSpanId: parent.spanId,
      spanId: span.context.spanId,
      status: { code: 2, message: 'TypeError' },
    });
    expect(received && attributeOf(received, 'http.response.status_code')).toBe(500);
    expect(collector.exports.map(({ body }) => body.toString()).join()).not.toContain('secret');
  });

  test('of a trace that is not recorded are not sent, and hand that on', async () => {
    const telemetry = telemetryWith(json());
    const span = telemetry.startSpan('x', { kind: 'consumer', parent: { ...parent, sampled: false } });
    span.end({});
    await telemetry.shutdown();
    expect(span.context).toMatchObject({ traceId: parent.traceId, sampled: false });
    expect(collector.spans()).toEqual([]);
  });

  test('are sampled as OTEL_TRACES_SAMPLER says', async () => {
    const telemetry = telemetryWith({ ...json(), OTEL_TRACES_SAMPLER: 'always_off' });
    const span = telemetry.startSpan('x', { kind: 'internal', parent: undefined });
    span.end({});
    await telemetry.shutdown();
    expect(span.context.sampled).toBe(false);
    expect(collector.spans()).toEqual([]);
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

  const metrics = collector.metrics().flatMap(({ items }) => items);
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
  expect(collector.exports.map(({ path, authorization }) => [path, authorization])).toEqual([
    ['/v1/traces', 'Bearer key'],
  ]);
  const resource = collector.spans()[0]?.resource;
  expect(
    resource && [attributeOf(resource, 'service.name'), attributeOf(resource, 'deployment.environment.name')],
  ).toEqual(['mine', 'test']);
});

test('the protocol is protobuf unless it is said to be JSON; one that is not HTTP is refused', async () => {
  const telemetry = telemetryWith({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
  telemetry.startSpan('POST /tasks', { kind: 'server', parent }).end({});
  await telemetry.shutdown();
  expect(collector.exports[0]).toMatchObject({ path: '/v1/traces', contentType: 'application/x-protobuf' });
  expect(collector.exports[0]?.body.includes(Buffer.from(parent.traceId, 'hex'))).toBe(true);

  expect(() => telemetryWith({ OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' })).toThrow('use http/protobuf or http/json');
});

test('a collector that is away costs a warning, and three seconds at the end', async () => {
  const telemetry = telemetryWith({ ...json(), OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' });
  telemetry.startSpan('x', { kind: 'internal', parent: undefined }).end({});
  const started = performance.now();
  await telemetry.shutdown();
  expect(performance.now() - started).toBeLessThan(5_000);
  expect(telemetry.warnings.join()).toContain('did not take everything within 3000 ms');
});

test.each([
  [{}, false],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, true],
  [{ OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://collector:4318/v1/metrics' }, true],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SDK_DISABLED: 'true' }, false],
])('with %j telemetry is wanted: %s', (variables, wanted) => {
  expect(wantsTelemetry(variables)).toBe(wanted);
});
