import type { Identity } from '../store/database.ts';
import type { Context } from './defineFunction.ts';
import type { Environment } from './environment.ts';
import type { Level, Log, LogFields } from './log.ts';
import type { Attributes, Measure, SpanOptions } from './telemetry.ts';

/** What the adapter of a trigger needs to answer its requests with a function. */
export interface Invocation {
  environment: Environment;
  /** Begins what a request makes the function do, with the time of now. */
  begin(name: string, options: SpanOptions): Work;
  measure: Measure;
  /** Takes work that goes on after the answer. */
  inBackground(work: Promise<unknown>): void;
  /** Resolves when nothing is under way in the background any more. */
  settled(): Promise<void>;
}

/** One request's worth of work: what its handler is given, and how it is told of. */
export interface Work {
  /** When the request came in. */
  now: Date;
  log: Log;
  /** What a handler is given that works on somebody's behalf. */
  contextFor(identity: Identity): Context;
  /** Ends it: writes its line into the log, with its trace and how long it took, and ends its span. */
  end(level: Level, fields: LogFields, attributes?: Attributes): void;
}
