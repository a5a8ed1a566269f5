import type { Measurements } from './measurements.ts';
import { childOf, type TraceContext } from './trace.ts';

/** OpenTelemetry's standard environment variables that a function heeds; without an endpoint it loads nothing of it. */
export const telemetryVariables = [
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
  'OTEL_EXPORTER_OTLP_HEADERS',
  'OTEL_EXPORTER_OTLP_PROTOCOL',
  'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE',
  'OTEL_METRIC_EXPORT_INTERVAL',
  'OTEL_METRICS_EXPORTER',
  'OTEL_RESOURCE_ATTRIBUTES',
  'OTEL_SDK_DISABLED',
  'OTEL_TRACES_EXPORTER',
  'OTEL_TRACES_SAMPLER',
  'OTEL_TRACES_SAMPLER_ARG',
] as const;

export type Attributes = Readonly<Record<string, string | number>>;

/** What a function is doing: it answers a request, takes a message, or works off what is due. */
export type SpanKind = 'server' | 'consumer' | 'internal';

export interface SpanOptions {
  kind: SpanKind;
  /** What caused it, where that is known. */
  parent: TraceContext | undefined;
}

/** A piece of work whose time is taken. */
export interface Span {
  context: TraceContext;
  /** Ends it, once; with an `error` it counts as failed. */
  end(attributes: Attributes, error?: unknown): void;
}

/** Adds to a counter, sets a gauge, or puts a value into a histogram: see `measurements`. */
export type Measure = <M extends keyof Measurements>(what: M, value: number, attributes?: Measurements[M]) => void;

/** Tells others what a function does and how long that takes. */
export interface Telemetry {
  startSpan(name: string, options: SpanOptions): Span;
  measure: Measure;
  /** Sends what was not sent yet; does not reject. */
  shutdown(): Promise<void>;
}

/** Whether OpenTelemetry's standard environment variables name somebody to tell. */
export function wantsTelemetry(variables: Readonly<Record<string, string | undefined>>): boolean {
  const endpoints = ['', 'TRACES_', 'METRICS_'].map((signal) => variables[`OTEL_EXPORTER_OTLP_${signal}ENDPOINT`]);
  return endpoints.some(Boolean) && variables.OTEL_SDK_DISABLED?.toLowerCase() !== 'true';
}

/** Tells nobody; traces go on all the same, for the logs and for those behind that do tell. */
export const silentTelemetry: Telemetry = {
  startSpan: (_name, { parent }) => ({ context: childOf(parent), end() {} }),
  measure() {},
  async shutdown() {},
};
