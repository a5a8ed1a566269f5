import { randomUUID } from 'node:crypto';
import type { Context as HonoContext } from 'hono';
import type * as z from 'zod';
import { DomainError, invalid } from '../domain/errors.ts';
import { faultsOf } from '../domain/faults.ts';
import { noAuthentication, tokenAuthentication } from './authenticate.ts';
import type { HttpFunction } from './defineFunction.ts';
import type { Invocation } from './invocation.ts';
import { problemResponse } from './problem.ts';
import { readJson } from './requestBody.ts';
import { parseTraceparent } from './trace.ts';

/** Far above any task; a body is read into memory whole. */
const BODY_LIMIT_BYTES = 64 * 1024;

/** Answers HTTP requests with a function: authenticates, validates what comes in and what goes out, logs one line. */
export function serveHttp(definition: HttpFunction, { environment, begin, measure }: Invocation) {
  const authenticate = definition.public ? noAuthentication : tokenAuthentication(environment);
  const { input = {}, output, scope } = definition;
  const [method = '', route = ''] = definition.trigger.http.split(' ');

  return async function httpTrigger(c: HonoContext): Promise<Response> {
    const started = performance.now();
    const request = requestId(c.req.header('x-request-id'));
    const parent = parseTraceparent(c.req.header('traceparent'));
    const { context, end } = begin(definition.trigger.http, { kind: 'server', parent });
    const finish = (response: Response, error?: unknown): Response => {
      response.headers.set('x-request-id', request);
      const { status } = response;
      const attributes = { 'http.request.method': method, 'http.route': route, 'http.response.status_code': status };
      measure('http.server.request.duration', (performance.now() - started) / 1000, attributes);
      if (status >= 500) end('error', { request, status, error }, attributes);
      else end('info', { request, status }, attributes);
      return response;
    };
    try {
      const { userId, scopes } = await authenticate(c.req.header('authorization'), context.now);
      if (scope && !scopes.includes(scope)) {
        throw new DomainError('forbidden', `A token with the scope "${scope}" is needed.`);
      }
      const params = parseParams(input.params, c.req.param());
      const query = parse(input.query, c.req.query());
      const body = input.body && parse(input.body, await readJson(c.req.raw, jsonBody));
      const result = await definition.handler({ userId, params, query, body } as never, context as never);
      const answer = output.body.parse(result);
      if (output.location) c.header('Location', output.location(answer));
      return finish(c.json(answer as object, output.status));
    } catch (error) {
      return finish(problemResponse(c, error), error);
    }
  };
}

/** The caller's id of the request, where it has a sane one, so that its log and this one can be matched. */
function requestId(given: string | undefined): string {
  return given && /^[\w.-]{1,128}$/.test(given) ? given : randomUUID();
}

const jsonBody = { contentTypes: ['application/json'], limit: BODY_LIMIT_BYTES };

function parse(schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw invalid(...faultsOf(result.error));
}

/** A path that can name nothing is the path of something that is not there. */
function parseParams(schema: z.ZodType | undefined, value: unknown): unknown {
  const result = schema?.safeParse(value);
  if (result?.success === false) throw new DomainError('not_found', 'Nothing can have this address.');
  return result?.data;
}
