import { type ClientRequest, type IncomingMessage, request as openRequest, type ServerResponse } from 'node:http';
import { requestHeaders, responseHeaders } from './forwardedHeaders.ts';
import type { Upstream } from './launch.ts';

/** One request to pass on, and where its answer goes. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Path and query as the function gets them. */
  readonly target: string;
  /** The whole body, or undefined to stream it from the request. */
  readonly body: Buffer | undefined;
  readonly upstream: Upstream;
  /** Ends the exchange; must abort when the client goes away. */
  readonly signal: AbortSignal;
  /** An answer with this status is withheld from the caller. */
  readonly withheldStatus: number | undefined;
}

/** How an exchange ended. Unless it was answered or cut, the caller still waits for an answer. */
export type ExchangeOutcome =
  | { readonly kind: 'answered'; readonly status: number }
  | { readonly kind: 'withheld' }
  /** The process takes no connections: it saw nothing of the request, whose body is untouched. */
  | { readonly kind: 'unreachable' }
  /** The connection broke before an answer came: the process may have acted on the request. */
  | { readonly kind: 'no answer'; readonly reason: string }
  /** The answer ended before it was complete. */
  | { readonly kind: 'cut'; readonly reason: string };

/**
 * Passes a request on to a process and its answer back, both as streams. Leaves a cut answer unended.
 *
 * A process may close a kept connection just as a request is sent on it (RFC 9112, 9.3.1). So only what can be
 * sent again travels on a kept connection, and it is sent again once, on a fresh one.
 */
export async function forward(exchange: Exchange): Promise<ExchangeOutcome> {
  if (exchange.body === undefined) return attempt(exchange, 'fresh');
  const outcome = await attempt(exchange, 'kept');
  if (outcome.kind !== 'stale') return outcome;
  const second = await attempt(exchange, 'fresh');
  return second.kind === 'unreachable' ? { kind: 'no answer', reason: 'the process went away' } : second;
}

type Stale = { readonly kind: 'stale' };

function attempt(exchange: Exchange, connection: 'fresh'): Promise<ExchangeOutcome>;
function attempt(exchange: Exchange, connection: 'kept'): Promise<ExchangeOutcome | Stale>;
function attempt(exchange: Exchange, connection: 'fresh' | 'kept'): Promise<ExchangeOutcome | Stale> {
  const { request, response, body, upstream, signal } = exchange;
  return new Promise((resolve) => {
    const sent = openRequest({
      host: upstream.host ?? '127.0.0.1',
      port: upstream.port,
      agent: connection === 'kept' ? upstream.agent : false,
      method: request.method,
      path: exchange.target,
      // A function that refuses a body early must not close on what is still coming: the reset would eat its answer.
      headers: [...requestHeaders(request, upstream.host), 'connection', 'keep-alive'],
    });
    let isSettled = false;
    const settle = (outcome: ExchangeOutcome | Stale) => {
      if (isSettled) return;
      isSettled = true;
      signal.removeEventListener('abort', abandon);
      // What is left of a body must be read for the client to be able to use its connection again.
      if (body === undefined && outcome.kind !== 'unreachable') request.unpipe(sent).resume();
      if (connection === 'fresh') sent.destroy();
      resolve(outcome);
    };
    const abandon = () => {
      sent.destroy();
      // The function may be done already and only the client be slow to read.
      if (response.headersSent) settle({ kind: 'cut', reason: 'the exchange was ended' });
    };
    signal.addEventListener('abort', abandon);
    if (signal.aborted) abandon();

    let bytesBefore = 0;
    sent.once('socket', (socket) => {
      bytesBefore = socket.bytesRead;
      // Not before it is connected: then an unreachable process leaves the body for the next one.
      if (body === undefined) socket.once('connect', () => request.pipe(sent));
    });
    sent.once('response', (answer) => {
      const { statusCode: status = 0 } = answer;
      const isFinal = status >= 200;
      if (!isFinal || status === exchange.withheldStatus) {
        sent.destroy();
        settle(isFinal ? { kind: 'withheld' } : { kind: 'no answer', reason: `its status was ${status}` });
        return;
      }
      response.writeHead(status, responseHeaders(answer));
      response.once('finish', () => settle({ kind: 'answered', status }));
      answer.once('error', (error) => settle({ kind: 'cut', reason: error.message }));
      answer.pipe(response);
    });
    sent.on('error', (error: NodeJS.ErrnoException) => {
      // Once an answer has begun, its own end decides: a body refused early (413) may fail to be written.
      if (response.headersSent) return;
      if (error.syscall === 'connect') return settle({ kind: 'unreachable' });
      const isStale = connection === 'kept' && !signal.aborted && isKeepAliveRace(sent, error, bytesBefore);
      settle(isStale ? { kind: 'stale' } : { kind: 'no answer', reason: error.message });
    });
    sent.once('close', () => {
      if (!response.headersSent) settle({ kind: 'no answer', reason: 'the connection closed' });
    });

    if (body !== undefined) sent.end(body);
  });
}

function isKeepAliveRace(sent: ClientRequest, error: NodeJS.ErrnoException, bytesBefore: number): boolean {
  const wasReset = error.code === 'ECONNRESET' || error.code === 'EPIPE';
  return sent.reusedSocket && wasReset && sent.socket?.bytesRead === bytesBefore;
}
