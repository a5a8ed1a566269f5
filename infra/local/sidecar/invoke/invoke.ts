import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { endToEndHeaders } from '../../gateway/forwardedHeaders.ts';
import { invokeFailed } from '../api/apiError.ts';
import { MAX_BODY_BYTES, readBody } from '../api/body.ts';
import type { AppChannel } from '../appChannel.ts';
import { NO_TRACE, traceOf } from '../publish/traceContext.ts';
import type { DeliveryPolicy } from '../resources/resiliency.ts';
import { withRetries } from '../subscription/retry.ts';
import { type InvocationTarget, invocationTarget } from './target.ts';

/** What invoking an app needs. */
export interface InvokerOptions {
  /** The one app that can be invoked. */
  appId: string;
  appChannel: AppChannel;
  policy: DeliveryPolicy;
  /** No further try is begun. */
  stopping: AbortSignal;
}

/** Passes a request on to the app that it names, and the app's answer back. @throws ApiError when there is no answer */
export type Invoke = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/** Makes service invocation (https://docs.dapr.io/reference/api/service_invocation_api/), of the sidecar's own app only. */
export function createInvoker({ appId, appChannel, policy, stopping }: InvokerOptions): Invoke {
  return async function invoke(request, response) {
    const target = invocationTarget(request.url ?? '/', request.headers);
    // The namespace is the one that daprd has where none is set.
    if (target.appId !== appId && target.appId !== `${appId}.default`) {
      throw invokeFailed(target.appId, 'no other app can be invoked here');
    }
    const body = await readBody(request, MAX_BODY_BYTES);
    if (!body) throw invokeFailed(appId, 'stream too large');
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const answer = await call(request, target, body, gone.signal);
    const headers = endToEndHeaders(answer, TRACE_HEADERS);
    for (let at = 0; at < headers.length; at += 2) response.appendHeader(headers[at] ?? '', headers[at + 1] ?? '');
    response.writeHead(answer.statusCode ?? 0);
    // A broken answer breaks the caller's connection: its status has been sent.
    await pipeline(answer, response).catch(() => response.destroy());
  };

  async function call(request: IncomingMessage, { path }: InvocationTarget, body: Buffer, signal: AbortSignal) {
    const { method = 'GET' } = request;
    const headers = forwardedHeaders(request);
    let answer: IncomingMessage | undefined;

    async function attempt(): Promise<string | undefined> {
      answer?.resume();
      answer = undefined;
      try {
        const { timeoutMs } = policy;
        answer = await appChannel.open({ method, path, headers, body, timeoutMs, signal, once: !SAFE.has(method) });
      } catch (error) {
        return (error as Error).message;
      }
      const { statusCode = 0 } = answer;
      return statusCode >= 200 && statusCode <= 399 ? undefined : `the app answered ${statusCode}`;
    }

    const reason = await withRetries({
      // As with daprd, what is sent in chunks is sent once.
      policy: request.headers['transfer-encoding'] ? { ...policy, backOff: undefined } : policy,
      stopping: AbortSignal.any([stopping, signal]),
      attempt,
      onRetry: () => undefined,
    });
    if (!answer) throw invokeFailed(appId, reason ?? 'no answer');
    return answer;
  }
}

/** Those that may be sent a second time without being asked (RFC 9110, 9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The caller gets its own trace back. */
const TRACE_HEADERS = new Set(['traceparent', 'tracestate']);

/** Made anew for the app, or meant for the sidecar alone. */
const NOT_FORWARDED = new Set(['host', 'content-length', 'expect', 'dapr-api-token', 'dapr-app-id', ...TRACE_HEADERS]);

function forwardedHeaders(request: IncomingMessage): string[] {
  const { traceparent, tracestate } = traceOf(request.headers);
  const headers = [...endToEndHeaders(request, NOT_FORWARDED), 'traceparent', traceparent || NO_TRACE];
  return tracestate ? [...headers, 'tracestate', tracestate] : headers;
}
