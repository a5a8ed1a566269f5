import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { request as requestInClear } from 'node:http';
import { request as requestByTls } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { expect } from './look.ts';
import type { Endpoint, World } from './world.ts';

export interface ApiRequest {
  path: string;
  method?: string;
  headers?: Endpoint['headers'];
  body?: object;
}

export interface ApiAnswer {
  status: number;
  location: string | undefined;
  contentType: string | undefined;
  body: string;
}

/**
 * Sends a request; a header `host` is the name that the server is asked for, by TLS too, which `fetch` cannot do.
 * Rejects where there is no whole answer in time.
 */
export async function send(
  { url, headers }: Endpoint,
  { path, method = 'GET', headers: more, body }: ApiRequest,
  timeoutMs: number,
): Promise<ApiAnswer> {
  const target = new URL(url + path);
  const all = { ...headers, ...more, ...(body && { 'content-type': 'application/json' }) };
  const request = target.protocol === 'https:' ? requestByTls : requestInClear;
  const what = `${method} ${target.origin}${target.pathname}`;
  const sending = request(target, {
    method,
    headers: all,
    ...(headers.host && { servername: headers.host.replace(/:\d+$/, '') }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  try {
    sending.end(body && JSON.stringify(body));
    const [response] = await once(sending, 'response');
    const { statusCode = 0, headers } = response;
    const { location, 'content-type': contentType } = headers;
    return { status: statusCode, location, contentType, body: await text(response) };
  } catch (cause) {
    const { name, message } = cause as Error;
    throw new Error(`${what}: ${name === 'AbortError' ? `no answer in ${timeoutMs / 1000} s` : message}`, { cause });
  }
}

/** Between tries. */
const RETRY_MS = 250;

/**
 * Sends a request as a careful client does: again where something in front of the API answers in its place, as a gateway
 * does for a function that takes too long to start. What is written is written once, by its key.
 */
export async function sendUntilAnswered(
  endpoint: Endpoint,
  request: ApiRequest,
  { patienceMs }: Pick<World, 'patienceMs'>,
): Promise<ApiAnswer> {
  const deadline = Date.now() + patienceMs;
  const key = (request.method ?? 'GET') !== 'GET' && { 'idempotency-key': randomUUID() };
  const headers = { ...key, ...request.headers };
  for (;;) {
    const answer = await send(endpoint, { ...request, headers }, patienceMs);
    if (!isOfGateway(answer) || Date.now() > deadline) return answer;
    await sleep(RETRY_MS);
  }
}

/**
 * Wakes a function by a request that it refuses. Before one whose answer tells a secret, which it does once: what a gateway
 * gave up on was done all the same, and who asks again is not told.
 */
export async function wake(
  world: World,
  own: Endpoint['headers'],
  request: Omit<ApiRequest, 'headers'>,
): Promise<void> {
  const answer = await sendUntilAnswered(world.api, { ...request, headers: own }, world);
  expect(answer.status >= 400 && answer.status < 500, `${request.method} ${request.path} is refused`, answer);
}

/** What a gateway answers where a function is not there yet, or its own routes are not. */
const GATEWAY_STATUSES = [404, 502, 503, 504];

/** The API's own failures are problem details (RFC 9457). */
function isOfGateway({ status, contentType }: ApiAnswer): boolean {
  return GATEWAY_STATUSES.includes(status) && contentType !== 'application/problem+json';
}

export type Call = <T>(
  method: string,
  path: string,
  status: number,
  schema: z.core.$ZodType<T>,
  body?: object,
  more?: Endpoint['headers'],
) => Promise<T>;

/**
 * Calls an endpoint of the world with these headers, its API unless another is given. Every answer is checked against
 * the API's schemas.
 */
export function caller(world: World, own: Endpoint['headers'], endpoint: Endpoint = world.api): Call {
  return async (method, path, status, schema, body, more) => {
    const headers = { ...own, ...more };
    const answer = await sendUntilAnswered(endpoint, { method, path, headers, ...(body && { body }) }, world);
    expect(answer.status === status, `${method} ${path} answers ${status}`, answer);
    if (status === 201 && answer.location) world.onCreated?.(answer.location, own);
    return z.parse(schema, JSON.parse(answer.body));
  };
}
