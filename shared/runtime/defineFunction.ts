import type * as z from 'zod/mini';
import type { EventType } from '../events/catalogue.ts';
import type { DeadLetter } from '../events/deadLetter.ts';
import type { CloudEvent, Origin, TaskEvent } from '../events/event.ts';
import type { Row, Run, Sql, Statement } from '../store/database.ts';
import type { NewEvent, OutboxEvent } from '../store/outbox.ts';
import type { SendEmail } from './email.ts';
import type { Jobs } from './jobs.ts';
import type { Log } from './log.ts';
import type { Measure } from './telemetry.ts';
import type { WakeUpNeed } from './wakeUp.ts';

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * What wakes a function, as plain data: an HTTP request, an event on its topic, a message in any dead-letter topic, a
 * tick of a Dapr cron binding, or a job that has come due.
 */
export type Trigger = HttpTrigger | EventTrigger | DeadLetterTrigger | CronTrigger | JobTrigger;
export interface HttpTrigger {
  /** Method and path in Hono's syntax: `GET /tasks/:id`. */
  http: `${HttpMethod} /${string}`;
}
export interface EventTrigger<T extends EventType = EventType> {
  event: T;
}
export interface DeadLetterTrigger {
  deadLetters: true;
}
export interface CronTrigger {
  /** Five or six fields, or `@every 30s`, as Dapr's cron binding takes them. */
  cron: string;
  /** Name of the binding, which is also its route: `/bindings/<name>`. */
  binding: string;
  /** In place of `cron` where no job wakes anybody for what is due (`WAKE_UPS=cron`); left out, the same. */
  withoutJobs?: string;
}
export interface JobTrigger {
  /** Name of the job, by which it is set and cancelled, and which is also its route: `/job/<name>`. */
  job: string;
}

/** A change that becomes true all at once or not at all. */
export interface Change {
  /** Run in order, in one transaction. */
  statements: readonly Statement[];
  /** Written to the outbox in the same transaction, published after it. */
  events?: readonly NewEvent[];
  /** Run behind the others: statements that write events to the outbox themselves, and return them as `insertEvents` does. */
  emitting?: readonly Statement[];
  /**
   * What a function woken by HTTP will answer. It is written in the same transaction where the request has an
   * `Idempotency-Key`, so that the same request gets it again.
   */
  answer?: unknown;
}

/** What every handler is given beside its input. */
export interface Context<Env = unknown> {
  /** When the request came in: the only clock a handler knows. */
  now: Date;
  /** Of the events that it writes: its name and its trace. */
  origin: Origin;
  /** Builds statements. They are run by `read`, `run` and `commit`; awaited by themselves they may do nothing. */
  sql: Sql;
  /**
   * Reads on the caller's behalf: the user's whose token or event woke the function, or the system's own in crons, for
   * dead letters, and where the definition says so. All of the statements see the same state of the database.
   */
  read: Run;
  /** Runs statements that write as one transaction on the caller's behalf. What emits events goes through `commit`. */
  run: Run;
  env: Env;
  log: Log;
  measure: Measure;
  /**
   * Makes a change and publishes its events after the commit, without holding up the answer. Resolves to the rows of
   * each statement; rejects with a conflict when a guarded statement found somebody else to be faster. In a function
   * woken by an event, the record that this event was handled is part of the transaction.
   */
  commit(change: Change): Promise<Row[][]>;
  /** Publishes events that are in the outbox already, in order per task. Resolves to how many were published. */
  relay(events: readonly OutboxEvent[]): Promise<number>;
  /** Publishes an event that was published before, past the outbox. Rejects when the broker may not have it. */
  republish(event: CloudEvent): Promise<void>;
  /** Sends an e-mail, in a function whose definition says that it does. Outside of any transaction: it can come twice. */
  sendEmail: SendEmail;
  /** Sets and cancels the jobs that the definition names. Outside of any transaction: after the commit, as a rule. */
  jobs: Jobs;
  /**
   * Sees to it that a function is woken when what comes due next does, or when what `need` says asks for it. For functions that emit events or list the job in `setsJobs`. Never rejects, and
   * does nothing where crons alone do the waking (`WAKE_UPS`).
   */
  wakeUp(need?: WakeUpNeed): Promise<void>;
  /**
   * Does what need not be done before the answer. It is not certain to be done: what must be is in the database, where
   * somebody finds it who comes later. A process that is told to stop waits for it, for a few seconds.
   */
  afterwards(work: (later: Later) => Promise<void>): void;
}

/** What work is given that goes on after an answer. */
export interface Later {
  /** Tells the time, which goes on meanwhile. */
  clock(): Date;
  /** Aborted when the process is told to stop: then nothing new should be begun. */
  stopping: AbortSignal;
}

interface Common<Env extends z.core.$ZodShape> {
  /** Also the name of its folder, its bundle and (in kebab case) its Knative Service. */
  name: string;
  /** One line for people: what it does. */
  summary: string;
  /** Types of the events that it may write. */
  emits?: readonly EventType[];
  /**
   * Sends e-mails. Such a function has one process at most, and is the only one: a sidecar can mix up what is sent at the
   * same moment (see `daprMailer`).
   */
  sendsEmail?: true;
  /** Names of the jobs that it may set or cancel, beside `wake-up` where it `emits`; each is what wakes some function. */
  setsJobs?: readonly string[];
  /** Environment variables of its own, beside those that its trigger, `emits`, `sendsEmail` and `setsJobs` bring. */
  env?: Env;
}

type NoVariables = Record<never, never>;
type Parsed<S> = S extends z.core.$ZodType ? z.output<S> : undefined;

export interface HttpRequest<Body, Params, Query> {
  body: Body;
  params: Params;
  query: Query;
  /** Subject of the verified token, or what `caller` said; empty where a function is public without one. */
  userId: string;
  /** Throws `precondition_failed` where the caller wants another version of the resource (`If-Match`, RFC 9110, 13.1.1). */
  requireMatch(version: number): void;
}

export interface HttpFunction<
  Body extends z.core.$ZodType | undefined = z.core.$ZodType | undefined,
  Params extends z.core.$ZodType | undefined = z.core.$ZodType | undefined,
  Query extends z.core.$ZodObject | undefined = z.core.$ZodObject | undefined,
  Output extends z.core.$ZodType = z.core.$ZodType,
  Env extends z.core.$ZodShape = z.core.$ZodShape,
> extends Common<Env> {
  trigger: HttpTrigger;
  /** What the token must allow, by its claim `scope`; left out, every valid token will do. */
  scope?: string;
  /** Answers without a token: for what is nobody's own, or where `caller` knows on whose behalf. */
  public?: true;
  /**
   * Whose request it is, where something else than a token says so. Reaches everybody's rows. Rejects where it is nobody's.
   */
  caller?(query: Parsed<Query>, context: Pick<Context, 'sql' | 'read'>): Promise<string>;
  /** Whose rows it reaches: those of the token's subject, where left out, or everybody's. */
  reach?: 'everybody';
  input?: { body?: Body; params?: Params; query?: Query };
  output: {
    status: 200 | 201;
    body: Output;
    location?: (body: z.output<Output>) => string;
    /** The version of what is answered: becomes its `ETag`, and a GET heeds `If-None-Match`. */
    version?: (body: z.output<Output>) => number | string;
    /** Of an answer that is a text, and sent as it is. Left out, JSON. */
    contentType?: 'text/calendar; charset=utf-8';
    /** Who may keep the answer, and for how long (RFC 9111, section 5.2.2). Left out, nothing is said. */
    cacheControl?: string;
  };
  handler(
    request: HttpRequest<Parsed<Body>, Parsed<Params>, Parsed<Query>>,
    context: Context<z.output<z.core.$ZodObject<Env>>>,
  ): Promise<z.input<Output>>;
}

export interface EventFunction<T extends EventType = EventType, Env extends z.core.$ZodShape = z.core.$ZodShape>
  extends Common<Env> {
  trigger: EventTrigger<T>;
  /** Makes the event take effect, in one `commit`. What it resolves to is not looked at. */
  handler(event: TaskEvent<T>, context: Context<z.output<z.core.$ZodObject<Env>>>): Promise<unknown>;
}

export interface DeadLetterFunction<Env extends z.core.$ZodShape = z.core.$ZodShape> extends Common<Env> {
  trigger: DeadLetterTrigger;
  /**
   * Keeps the letter. While it rejects, the letter comes again, and those behind it in its partition wait. What it
   * resolves to goes into the log line.
   */
  handler(
    letter: DeadLetter,
    context: Context<z.output<z.core.$ZodObject<Env>>>,
  ): Promise<Record<string, string | null>>;
}

export interface CronFunction<Env extends z.core.$ZodShape = z.core.$ZodShape> extends Common<Env> {
  trigger: CronTrigger;
  /** Works off what is due now. What it returns goes into the log line. */
  handler(context: Context<z.output<z.core.$ZodObject<Env>>>): Promise<Record<string, number>>;
}

export interface JobFunction<
  Data extends z.core.$ZodType | undefined = z.core.$ZodType | undefined,
  Env extends z.core.$ZodShape = z.core.$ZodShape,
> extends Common<Env> {
  trigger: JobTrigger;
  /** What the job was set with; left out, it is not looked at. What does not fit is given up, and the log says so. */
  data?: Data;
  /**
   * Works off what is due now. While it rejects the job comes again, as its failure policy says, and then no more. What
   * it returns goes into the log line.
   */
  handler(data: Parsed<Data>, context: Context<z.output<z.core.$ZodObject<Env>>>): Promise<Record<string, number>>;
}

export type FunctionDefinition =
  // biome-ignore-start lint/suspicious/noExplicitAny: a handler is contravariant in what it takes, so only `any` holds them all
  | HttpFunction<any, any, any, any, any>
  | EventFunction<any, any>
  | DeadLetterFunction<any>
  | CronFunction<any>
  | JobFunction<any, any>;
// biome-ignore-end lint/suspicious/noExplicitAny: as above

/**
 * Defines a function: everything else (its app, subscription, cron binding, Knative Service, gateway route) derives
 * from what stands here. Does nothing by itself.
 * @throws where its job has a name that Dapr would not take
 */
export function defineFunction<
  Output extends z.core.$ZodType,
  Body extends z.core.$ZodType | undefined = undefined,
  Params extends z.core.$ZodType | undefined = undefined,
  Query extends z.core.$ZodObject | undefined = undefined,
  Env extends z.core.$ZodShape = NoVariables,
>(definition: HttpFunction<Body, Params, Query, Output, Env>): HttpFunction<Body, Params, Query, Output, Env>;
export function defineFunction<T extends EventType, Env extends z.core.$ZodShape = NoVariables>(
  definition: EventFunction<T, Env>,
): EventFunction<T, Env>;
export function defineFunction<Env extends z.core.$ZodShape = NoVariables>(
  definition: DeadLetterFunction<Env>,
): DeadLetterFunction<Env>;
export function defineFunction<Env extends z.core.$ZodShape = NoVariables>(
  definition: CronFunction<Env>,
): CronFunction<Env>;
export function defineFunction<
  Data extends z.core.$ZodType | undefined = undefined,
  Env extends z.core.$ZodShape = NoVariables,
>(definition: JobFunction<Data, Env>): JobFunction<Data, Env>;
export function defineFunction(definition: FunctionDefinition): FunctionDefinition {
  if (isJob(definition)) requireJobName(definition.trigger.job);
  return definition;
}

/** Dapr takes more, but of this no part is escaped in a path, and nothing is taken for a separator. */
const JOB_NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/** @throws where this is no name of a job: lower-case letters and digits, in words with hyphens between them */
export function requireJobName(name: string): void {
  if (JOB_NAME.test(name)) return;
  throw new Error(
    `"${name}" is no name for a job: use lower-case words with hyphens between them, such as reminders-due`,
  );
}

export function isHttp(definition: FunctionDefinition): definition is HttpFunction {
  return 'http' in definition.trigger;
}

export function isEvent(definition: FunctionDefinition): definition is EventFunction {
  return 'event' in definition.trigger;
}

export function isDeadLetter(definition: FunctionDefinition): definition is DeadLetterFunction {
  return 'deadLetters' in definition.trigger;
}

export function isJob(definition: FunctionDefinition): definition is JobFunction {
  return 'job' in definition.trigger;
}

export function isCron(definition: FunctionDefinition): definition is CronFunction {
  return 'cron' in definition.trigger;
}
