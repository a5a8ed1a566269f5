import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { FunctionProcess, FunctionRunner, Lease } from './functionProcess.ts';
import { type Exchange, type ExchangeOutcome, forward } from './proxy.ts';
import { Refusal } from './refusal.ts';
import { holdSmallBody } from './requestBody.ts';

/** A function and what runs it. */
export interface Backend {
  readonly definition: Pick<FunctionProcess, 'name' | 'routes' | 'timeoutMs'>;
  readonly runner: FunctionRunner;
}

/** A request that has been routed to a function, and where its answer goes. */
export interface RoutedRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path and query, as the function gets them. */
  readonly target: string;
  /** An answer with this status is refused instead of passed on. */
  readonly withheldStatus: number | undefined;
}

/** The exchange ended when its answer had begun, or nobody waited for it any more. */
export class ExchangeCut extends Error {}

/** A request that did not reach one process goes to the next. */
type Ending = Exclude<ExchangeOutcome, { kind: 'unreachable' }>;

/** What Knative's revision and Dapr's policy give one try in this system. */
const DEFAULT_TIMEOUT_MS = 30_000;
/** A process that refuses connections is on its way out, and that is seen at once; if not, it is broken for good. */
const EXIT_NOTICE_MS = 1_000;
/** Made once, since an error costs a stack trace. */
const CLIENT_GONE = new ExchangeCut('the client went away');

/** The milliseconds that a function's request may take. */
export function timeLimitOf({ timeoutMs = DEFAULT_TIMEOUT_MS }: Pick<Backend['definition'], 'timeoutMs'>): number {
  return timeoutMs;
}

/**
 * Has a function answer a request, within the function's time limit, and resolves with the status of the answer
 * when the caller has it in full.
 * Throws a Refusal when nothing has been answered yet, and an ExchangeCut when nothing can be answered any more.
 */
export async function serveRequest(routed: RoutedRequest, { definition, runner }: Backend): Promise<number> {
  const { request, response } = routed;
  const ending = new AbortController();
  const limitMs = timeLimitOf(definition);
  const timer = setTimeout(() => ending.abort(timeLimitReached(request, definition, limitMs)), limitMs);
  const onClose = () => ending.abort(CLIENT_GONE);
  response.once('close', onClose);
  try {
    const outcome = await exchange(routed, runner, ending.signal);
    if (outcome.kind === 'answered') return outcome.status;
    throw failureOf(outcome, response, definition.name, ending.signal);
  } finally {
    clearTimeout(timer);
    response.off('close', onClose);
  }
}

async function exchange(routed: RoutedRequest, runner: FunctionRunner, signal: AbortSignal): Promise<Ending> {
  const body = await holdSmallBody(routed.request, signal);
  for (;;) {
    const lease = await runner.lease(signal);
    const outcome = await useLease(lease, { ...routed, body, signal });
    if (outcome.kind !== 'unreachable') return outcome;
    // It crashed while idle and nobody knew yet, or is deaf: the next process gets the request.
    await processEnd(lease);
  }
}

async function useLease(lease: Lease, exchange: Omit<Exchange, 'upstream'>): Promise<ExchangeOutcome> {
  let answered = false;
  try {
    const outcome = await forward({ ...exchange, upstream: lease.process });
    answered = outcome.kind === 'answered' || outcome.kind === 'withheld';
    return outcome;
  } finally {
    lease.release(answered);
  }
}

async function processEnd({ process }: Lease): Promise<void> {
  await Promise.race([process.exited, delay(EXIT_NOTICE_MS, undefined, { ref: false })]);
  await process.stop(0);
}

function failureOf(
  outcome: Exclude<Ending, { kind: 'answered' }>,
  response: ServerResponse,
  name: string,
  signal: AbortSignal,
): Error {
  if (outcome.kind === 'cut' || response.headersSent) {
    return new ExchangeCut(signal.aborted ? signal.reason.message : `function ${name} broke off its answer`);
  }
  if (signal.aborted) return signal.reason;
  switch (outcome.kind) {
    case 'withheld':
      return new Refusal(503, `function ${name} answered 404, which the sidecar would take as final`);
    case 'no answer':
      return new Refusal(502, `function ${name} gave no answer (${outcome.reason})`, {
        publicDetail: `function ${name} gave no answer`,
      });
  }
}

function timeLimitReached(request: IncomingMessage, { name }: Backend['definition'], limitMs: number): Refusal {
  return request.complete
    ? new Refusal(504, `function ${name} did not answer within ${limitMs} ms`)
    : new Refusal(408, `the request was not received in full within ${limitMs} ms`, {
        headers: { connection: 'close' },
      });
}
