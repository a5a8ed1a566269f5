import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { readBody } from './api/body.ts';

/** A call to the app whose headers are given as they go out: name, value, name, value, and so on. */
export interface RawAppRequest {
  method: string;
  /** With or without a leading slash; with its query. */
  path: string;
  headers: readonly string[];
  body?: Buffer;
  /** The call is given up after this time in milliseconds; without it, it may take for ever. */
  timeoutMs?: number | undefined;
  signal: AbortSignal;
  /** Send it on a connection of its own: a kept one may be closed just then, and nobody knows whether the app has it. */
  once?: boolean;
}

/** A call to the app; what can't be a header, or belongs to the connection, is left out of `headers`. */
export interface AppRequest extends Omit<RawAppRequest, 'headers'> {
  headers: Readonly<Record<string, string>>;
}

/** What the app answered. */
export interface AppResponse {
  status: number;
  body: Buffer;
}

/** The way to the functions: everything the sidecar delivers goes to this one address. */
export interface AppChannel {
  /** Calls the app; redirects are not followed. @throws when there is no answer */
  request(request: AppRequest): Promise<AppResponse>;
  /** The same, but resolves when the answer begins; it must be read to its end, or destroyed. */
  open(request: RawAppRequest): Promise<IncomingMessage>;
  /** Resolves when the app's port accepts connections. */
  listening(signal: AbortSignal): Promise<void>;
  close(): void;
}

/** How often the app's port is tried, as daprd does. */
const PROBE_INTERVAL_MS = 100;

/** daprd's default for `--max-body-size`, which holds in this direction too. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** Makes the channel to an app; `appToken`, when given, goes with every call as `dapr-api-token`. */
export function createAppChannel(baseUrl: string, appToken: string | undefined): AppChannel {
  const { hostname, port } = new URL(baseUrl);
  const target = { hostname, port: port || '80' };
  const agent = new Agent({ keepAlive: true });

  function send(
    { method, body, timeoutMs, signal, ...request }: RawAppRequest,
    onReuseFailed: (error: Error) => boolean,
  ): Promise<IncomingMessage | undefined> {
    const headers = [...request.headers, 'host', `${target.hostname}:${target.port}`];
    if (appToken !== undefined) headers.push('dapr-api-token', appToken);
    if (body?.length || method === 'POST') headers.push('content-length', String(body?.length ?? 0));
    return new Promise((resolve, reject) => {
      const path = `/${request.path.replace(/^\/+/, '')}`;
      const call = httpRequest({ ...target, agent: request.once ? false : agent, method, path, headers, signal });
      let answer: IncomingMessage | undefined;
      const giveUp = () => (answer ?? call).destroy(new Error(`no answer within ${Math.round(timeoutMs ?? 0)} ms`));
      const timer = timeoutMs ? setTimeout(giveUp, timeoutMs) : undefined;
      call.on('response', (response) => {
        answer = response.once('close', () => clearTimeout(timer));
        resolve(answer);
      });
      call.on('error', (error) => {
        clearTimeout(timer);
        if (call.reusedSocket && onReuseFailed(error)) resolve(undefined);
        else reject(error);
      });
      call.end(body);
    });
  }

  async function open(request: RawAppRequest): Promise<IncomingMessage> {
    // A kept connection may have been closed by the app just now; that says nothing about the app. Go's client,
    // which daprd uses, tries a new connection too.
    const answer = await send(request, (error) => 'code' in error && error.code === 'ECONNRESET');
    const final = answer ?? (await send(request, () => false));
    if (!final) throw new Error('the app closed the connection');
    return final;
  }

  return {
    open,
    request: async ({ headers, ...request }) =>
      readAnswer(await open({ ...request, headers: Object.entries(encodeHeaders(headers)).flat() })),
    async listening(signal) {
      while (!(await canConnect(target))) await delay(PROBE_INTERVAL_MS, undefined, { signal });
    },
    close: () => agent.destroy(),
  };
}

async function readAnswer(response: IncomingMessage): Promise<AppResponse> {
  const body = await readBody(response, MAX_ANSWER_BYTES);
  if (!body) throw new Error(`the app's answer has more than ${MAX_ANSWER_BYTES} bytes`);
  return { status: response.statusCode ?? 0, body };
}

function canConnect({ hostname, port }: { hostname: string; port: string }): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Headers that belong to the connection; an event's metadata must not set them. */
const CONNECTION_HEADERS = new Set([
  'connection',
  'content-length',
  'host',
  'transfer-encoding',
  'upgrade',
  'dapr-api-token',
]);

/** Metadata may have any characters: values go out as UTF-8, and what can't be a header is left out. */
function encodeHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const usable = Object.entries(headers).filter(
    ([name, value]) =>
      /^[\w!#$%&'*+.^`|~-]+$/.test(name) && !CONNECTION_HEADERS.has(name.toLowerCase()) && !hasControlCharacter(value),
  );
  return Object.fromEntries(usable.map(([name, value]) => [name.toLowerCase(), Buffer.from(value).toString('latin1')]));
}

function hasControlCharacter(value: string): boolean {
  return [...value].some((character) => character < ' ' || character === '\u007f');
}
