import { randomUUID } from 'node:crypto';
import type { Context as HonoContext } from 'hono';
import * as z from 'zod/mini';
import { DomainError, invalid } from '../domain/errors.ts';
import { faultsOf } from '../domain/faults.ts';
import type { KeptAnswer, KeyedRequest } from '../store/idempotencyKeys.ts';
import { noAuthentication, tokenAuthentication } from './authenticate.ts';
import type { Context, HttpFunction, HttpRequest } from './defineFunction.ts';
import { entityTag, isKnown, requireMatch } from './entityTag.ts';
import { answerGivenBefore, fingerprintOf, idempotencyKeyOf, keepingAnswer } from './idempotency.ts';
import type { Invocation, Work } from './invocation.ts';
import { problemResponse } from './problem.ts';
import { parseQuery } from './query.ts';
import { decodeJson, readBytes, requireContentType } from './requestBody.ts';
import { parseTraceparent } from './trace.ts';

/** Far above any task; a body is read into memory whole. */
const BODY_LIMIT_BYTES = 64 * 1024;
/** A write that lost a race is made again on what the winner left; who loses three in a row is told so. */
const ATTEMPTS = 3;

/** Answers HTTP requests with a function: authenticates, validates what comes in and what goes out, logs one line. */
export function serveHttp(definition: HttpFunction, { environment, begin, measure }: Invocation) {
  const authenticate = definition.public ? noAuthentication : tokenAuthentication(environment);
  const { input = {}, scope, caller } = definition;
  const [method = '', route = ''] = definition.trigger.http.split(' ');
  const render = rendererOf(definition);

  async function answer(c: HonoContext, { now, contextFor }: Work): Promise<KeptAnswer> {
    const { userId: subject, scopes } = await authenticate(c.req.header('authorization'), now);
    if (scope && !scopes.includes(scope)) {
      throw new DomainError('forbidden', `A token with the scope "${scope}" is needed.`);
    }
    const params = parseParams(input.params, c.req.param());
    const query = parseQuery(input.query, c.req.url);
    const userId = caller ? await caller(query as never, contextFor('system')) : subject;
    const bytes = method === 'GET' ? new Uint8Array() : await readBytes(c.req.raw, BODY_LIMIT_BYTES);
    if (input.body) requireContentType(c.req.raw, acceptedContentTypes(method));
    const body = input.body && parse(input.body, decodeJson(bytes));
    const ifMatch = c.req.header('if-match');
    const request = { userId, params, query, body, requireMatch: (version: number) => requireMatch(ifMatch, version) };
    const context = contextFor(definition.reach === 'everybody' ? 'system' : { userId });

    const key = method === 'GET' ? undefined : idempotencyKeyOf(c.req.header('idempotency-key'));
    const keyed = key === undefined ? undefined : { userId, key, fingerprint: fingerprintOf(method, c.req.url, bytes) };
    return untilItWins(ifMatch, () =>
      keyed ? handleOnce(request, keyed, context) : handle(request, context).then(render),
    );
  }

  const handle = (request: HttpRequest<unknown, unknown, unknown>, context: Context): Promise<unknown> =>
    definition.handler(request as never, context as never);

  /** Handles a request unless it was handled before; then it is answered as it was then. */
  async function handleOnce(
    request: HttpRequest<unknown, unknown, unknown>,
    keyed: KeyedRequest,
    context: Context,
  ): Promise<KeptAnswer> {
    const before = await answerGivenBefore(keyed, context);
    if (before) return replayed(before);
    try {
      const keeping = keepingAnswer(context, keyed, render);
      const result = await handle(request, keeping);
      // There was nothing to change; there may be when the request comes again, and then it must not be changed.
      if (!keeping.kept()) await keeping.commit({ statements: [], answer: result });
      return render(result);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      // The same request may have been made meanwhile, and what it did be why this one is refused.
      const meanwhile = await answerGivenBefore(keyed, context);
      if (!meanwhile) throw error;
      return replayed(meanwhile);
    }
  }

  return async function httpTrigger(c: HonoContext): Promise<Response> {
    const started = performance.now();
    const request = requestId(c.req.header('x-request-id'));
    const parent = parseTraceparent(c.req.header('traceparent'));
    const work = begin(definition.trigger.http, { kind: 'server', parent });
    let error: unknown;
    const response = await answer(c, work).then(
      (rendered) => respond(c, rendered),
      (reason: unknown) => {
        error = reason;
        return problemResponse(c, reason);
      },
    );
    response.headers.set('x-request-id', request);
    const { status } = response;
    const attributes = { 'http.request.method': method, 'http.route': route, 'http.response.status_code': status };
    measure('http.server.request.duration', (performance.now() - started) / 1000, attributes);
    if (status >= 500) work.end('error', { request, status, error }, attributes);
    else work.end('info', { request, status }, attributes);
    return response;
  };
}

/** Makes answers of what a handler returns, checked against the definition. */
function rendererOf({ output }: HttpFunction): (result: unknown) => KeptAnswer {
  return (result) => {
    const body = z.parse(output.body, result);
    return {
      status: output.status,
      headers: {
        'content-type': output.contentType ?? 'application/json',
        ...(output.location && { location: output.location(body) }),
        ...(output.version && { etag: entityTag(output.version(body)) }),
        ...(output.cacheControl && { 'cache-control': output.cacheControl }),
      },
      body: output.contentType ? String(body) : JSON.stringify(body),
    };
  };
}

function replayed(answer: KeptAnswer): KeptAnswer {
  return { ...answer, headers: { ...answer.headers, 'idempotency-replayed': 'true' } };
}

function respond(c: HonoContext, { status, headers, body }: KeptAnswer): Response {
  if (c.req.method === 'GET' && headers.etag && isKnown(c.req.header('if-none-match'), headers.etag)) {
    const { 'content-type': _none, ...unchanged } = headers;
    return new Response(null, { status: 304, headers: unchanged });
  }
  return new Response(body, { status, headers });
}

/** Runs work again that lost a race to another writer; not where the caller named the version that it is to run on. */
async function untilItWins<T>(ifMatch: string | undefined, work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'conflict') throw error;
      if (ifMatch !== undefined) throw new DomainError('precondition_failed', 'It has just changed: read it again.');
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

/** The caller's id of the request, where it has a sane one, so that its log and this one can be matched. */
function requestId(given: string | undefined): string {
  return given && /^[\w.-]{1,128}$/.test(given) ? given : randomUUID();
}

/** The content types that a body may have: a PATCH is a merge patch (RFC 7396), which many clients send as plain JSON. */
export function acceptedContentTypes(method: string): string[] {
  return method === 'PATCH' ? ['application/merge-patch+json', 'application/json'] : ['application/json'];
}

function parse(schema: z.core.$ZodType | undefined, value: unknown): unknown {
  if (!schema) return undefined;
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  throw invalid(...faultsOf(result.error));
}

/** A path that can name nothing is the path of something that is not there. */
function parseParams(schema: z.core.$ZodType | undefined, value: unknown): unknown {
  if (!schema) return undefined;
  const result = z.safeParse(schema, value);
  if (!result.success) throw new DomainError('not_found', 'Nothing can have this address.');
  return result.data;
}
