import http, { type Agent, type IncomingMessage } from 'node:http';
import { Headers, type HeadersSource } from './headers.ts';
import { Response } from './response.ts';

/** How long a connection is kept that nothing is sent on, as Node's own `fetch` keeps it. */
const IDLE_MS = 4_000;

export interface FetchOptions {
  method?: string;
  headers?: HeadersSource;
  body?: string | Uint8Array;
  signal?: AbortSignal;
}

/**
 * The web's `fetch` over `node:http`, as far as functions and what they use need it: it resolves once the whole answer is
 * there, follows no redirect and asks for nothing compressed. It rejects as the standard says: with the signal's reason,
 * or with a TypeError whose cause says what is wrong with the connection. See `Headers`.
 */
export async function fetch(address: string | URL, options: FetchOptions = {}): Promise<Response> {
  const { method = 'GET', body, signal } = options;
  signal?.throwIfAborted();
  const url = new URL(address);
  const headers = new Headers(options.headers);
  for (const [name, value] of Object.entries(defaultHeaders)) if (!headers.has(name)) headers.set(name, value);
  if (typeof body === 'string' && !headers.has('content-type')) headers.set('content-type', 'text/plain;charset=UTF-8');
  const { request, agent } = await clientOf(url);
  try {
    return await new Promise((resolve, reject) => {
      const sent = request(url, { method, agent, headers: Object.fromEntries(headers), ...(signal && { signal }) });
      sent.once('error', reject);
      sent.once('response', (answer) => read(answer).then(resolve, reject));
      sent.end(body);
    });
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    throw new TypeError('fetch failed', { cause: error });
  }
}

const defaultHeaders = { accept: '*/*', 'user-agent': 'node' };

const agents: { http?: Agent; https?: Agent } = {};

/** What sends requests to a URL, with the connections that are kept. What encrypts is loaded when it is first needed. */
async function clientOf({ protocol }: URL): Promise<{ request: typeof http.request; agent: Agent }> {
  const options = { keepAlive: true, timeout: IDLE_MS };
  if (protocol === 'http:') {
    agents.http ??= new http.Agent(options);
    return { request: http.request, agent: agents.http };
  }
  const https = await import('node:https');
  agents.https ??= new https.Agent(options);
  return { request: https.request, agent: agents.https };
}

async function read(answer: IncomingMessage): Promise<Response> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of answer) chunks.push(chunk);
  const headers = Object.entries(answer.headersDistinct).map(
    ([name, values = []]) => [name, values.join(', ')] as const,
  );
  return new Response(Buffer.concat(chunks), { status: answer.statusCode, headers });
}
