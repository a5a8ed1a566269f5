import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import {
  diag,
  type Meter,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPMetricExporter as JsonMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtobufMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter as JsonTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Log } from './log.ts';
import { measurements } from './measurements.ts';
import type { Attributes, Measure, Span, SpanOptions, Telemetry } from './telemetry.ts';
import type { TraceContext } from './trace.ts';

const SCOPE = 'evolution-todo';
/** OpenTelemetry's own default of OTEL_METRIC_EXPORT_INTERVAL, in milliseconds. */
const METRIC_INTERVAL_MS = 60_000;
/** A function that is told to stop must not wait for a collector that is away: the exporter would, with its retries. */
const SHUTDOWN_TIMEOUT_MS = 3_000;

const kinds = { server: SpanKind.SERVER, consumer: SpanKind.CONSUMER, internal: SpanKind.INTERNAL };

export interface OpenTelemetryOptions {
  /** Becomes `service.name`, unless OTEL_SERVICE_NAME says otherwise. */
  serviceName: string;
  variables: Readonly<Record<string, string | undefined>>;
  log: Log;
}

/**
 * Telemetry over OTLP/HTTP, set up by OpenTelemetry's standard environment variables. A collector that is away costs
 * what it would have been sent, and a warning; it never fails a request. Throws for a protocol that is not HTTP.
 */
export function openTelemetry({ serviceName, variables, log }: OpenTelemetryOptions): Telemetry {
  const protocol = variables.OTEL_EXPORTER_OTLP_PROTOCOL || 'http/protobuf';
  if (protocol !== 'http/protobuf' && protocol !== 'http/json') {
    throw new Error(`OTEL_EXPORTER_OTLP_PROTOCOL is ${protocol}: use http/protobuf or http/json`);
  }
  const warn = (message: string) => log('warn', { outcome: 'telemetry', reason: message });
  diag.setLogger({ error: warn, warn, info() {}, debug() {}, verbose() {} });

  const resource = defaultResource()
    .merge(
      resourceFromAttributes({
        'service.name': serviceName,
        'service.namespace': SCOPE,
        // Processes come and go: each has counters of its own, which whoever adds them up must tell apart.
        'service.instance.id': randomUUID(),
      }),
    )
    .merge(detectResources({ detectors: [envDetector] }));
  const json = protocol === 'http/json';
  const spans =
    variables.OTEL_TRACES_EXPORTER === 'none'
      ? []
      : [new BatchSpanProcessor(json ? new JsonTraceExporter() : new ProtobufTraceExporter())];
  const readers =
    variables.OTEL_METRICS_EXPORTER === 'none'
      ? []
      : [
          new PeriodicExportingMetricReader({
            exporter: json ? new JsonMetricExporter() : new ProtobufMetricExporter(),
            exportIntervalMillis: Number(variables.OTEL_METRIC_EXPORT_INTERVAL) || METRIC_INTERVAL_MS,
          }),
        ];
  const tracers = new BasicTracerProvider({ resource, spanProcessors: spans });
  const meters = new MeterProvider({ resource, readers });
  const tracer = tracers.getTracer(SCOPE);

  return {
    startSpan(name: string, { kind, parent }: SpanOptions): Span {
      const causedBy = parent ? trace.setSpanContext(ROOT_CONTEXT, remote(parent)) : ROOT_CONTEXT;
      const span = tracer.startSpan(name, { kind: kinds[kind] }, causedBy);
      return {
        context: contextOf(span.spanContext()),
        end(attributes: Attributes, error?: unknown) {
          span.setAttributes(attributes);
          if (error !== undefined) {
            // The name alone: a message may quote a payload or a secret.
            span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.name : 'error' });
          }
          span.end();
        },
      };
    },
    measure: instrumentsOf(meters.getMeter(SCOPE)),
    async shutdown() {
      const sent = Promise.all([tracers.shutdown(), meters.shutdown()]);
      const giveUp = new AbortController();
      const late = delay(SHUTDOWN_TIMEOUT_MS, 'late', { signal: giveUp.signal });
      const outcome = await Promise.race([sent, late]).catch((error: unknown) => warn(String(error)));
      if (outcome === 'late') warn(`the collector did not take everything within ${SHUTDOWN_TIMEOUT_MS} ms`);
      giveUp.abort();
      await late.catch(() => {});
    },
  };
}

function remote({ traceId, spanId, sampled }: TraceContext): SpanContext {
  return { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true };
}

function contextOf({ traceId, spanId, traceFlags }: SpanContext): TraceContext {
  return { traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) === TraceFlags.SAMPLED };
}

/** Makes each instrument when it is first used. */
function instrumentsOf(meter: Meter): Measure {
  const made = new Map<string, (value: number, attributes?: Attributes) => void>();
  const make = (name: keyof typeof measurements) => {
    const { kind, unit, description, ...more } = measurements[name];
    if (kind === 'counter') {
      const counter = meter.createCounter(name, { unit, description });
      return counter.add.bind(counter);
    }
    if (kind === 'gauge') {
      const gauge = meter.createGauge(name, { unit, description });
      return gauge.record.bind(gauge);
    }
    const advice = 'buckets' in more ? { explicitBucketBoundaries: [...more.buckets] } : {};
    const histogram = meter.createHistogram(name, { unit, description, advice });
    return histogram.record.bind(histogram);
  };
  return (name, value, attributes) => {
    const record = made.get(name) ?? make(name);
    made.set(name, record);
    record(value, attributes);
  };
}
