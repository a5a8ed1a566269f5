import { once } from 'node:events';
import { request as requestInClear } from 'node:http';
import { request as requestByTls } from 'node:https';
import { text } from 'node:stream/consumers';
import type * as z from 'zod';
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
    return { status: statusCode, location: headers.location, body: await text(response) };
  } catch (cause) {
    const { name, message } = cause as Error;
    throw new Error(`${what}: ${name === 'AbortError' ? `no answer in ${timeoutMs / 1000} s` : message}`, { cause });
  }
}

export type Call = <T>(
  method: string,
  path: string,
  status: number,
  schema: z.ZodType<T>,
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
    const answer = await send(endpoint, { method, path, headers, ...(body && { body }) }, world.patienceMs);
    expect(answer.status === status, `${method} ${path} answers ${status}`, answer);
    if (status === 201 && answer.location) world.onCreated?.(answer.location, own);
    return schema.parse(JSON.parse(answer.body));
  };
}
