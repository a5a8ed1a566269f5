import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { isPublicAddress, literalAddress } from './publicAddress.ts';
import { type Resolve, resolveByDns, resolveHere } from './resolve.ts';

/** Of the answer, so much is read, so that the receiver can end it as it likes; in bytes. */
const ANSWER_LIMIT = 64 * 1024;

export interface PostOptions {
  headers: Record<string, string>;
  body: string;
  /** Also takes http://, and hosts of any address: for receivers on one's own machine. */
  allowPrivate: boolean;
  /** Until the connection stands, and until the answer's status is there, in milliseconds. */
  limits?: { connectMs: number; totalMs: number };
  /** Resolves a host's name to all of its addresses. */
  resolve?: Resolve;
}

/** Standard Webhooks advises 15 to 30 seconds for the whole. */
const LIMITS = { connectMs: 5_000, totalMs: 15_000 };

/** Why nothing was sent, or no answer came. The message is for the webhook's owner. */
export class PostError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PostError';
  }
}

/**
 * Posts a body to a URL that a user has chosen, and resolves to the status of the answer, whose body is thrown away. The
 * host's name is resolved once; it must have public addresses only, and one of them is connected to, so that a name cannot
 * come to another address in between. Follows no redirect and uses no proxy. Throws a PostError where no answer came.
 */
export async function post(url: URL, options: PostOptions): Promise<number> {
  const { allowPrivate, limits = LIMITS } = options;
  if (url.protocol !== 'https:' && !(allowPrivate && url.protocol === 'http:')) throw new PostError('Not https://.');
  const literal = literalAddress(url);
  if (literal !== undefined && !allowPrivate) requirePublic([literal]);

  const signal = AbortSignal.timeout(limits.totalMs);
  const { request } = url.protocol === 'https:' ? https : http;
  const sent = request(url, {
    method: 'POST',
    headers: { ...options.headers, 'content-length': String(Buffer.byteLength(options.body)) },
    // A connection of its own: one that is kept would be to an address that was checked for another delivery.
    agent: false,
    lookup: lookupWith(options),
    signal,
  });
  try {
    const response = await answerTo(sent, options.body, limits.connectMs);
    await readAway(response);
    return response.statusCode ?? 0;
  } catch (error) {
    throw describe(error as NodeJS.ErrnoException, signal, limits.totalMs);
  } finally {
    sent.destroy();
  }
}

function answerTo(sent: ClientRequest, body: string, connectMs: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => sent.destroy(new PostError(`No connection within ${connectMs} ms.`)), connectMs);
    sent.on('socket', (socket) => {
      const connected = () => clearTimeout(late);
      socket.once('encrypted' in socket ? 'secureConnect' : 'connect', connected);
    });
    sent.on('response', resolve);
    // Not once: what breaks after the answer's status is here must not end the process.
    sent.on('error', reject);
    sent.on('close', () => {
      clearTimeout(late);
      reject(new PostError('The connection was closed without an answer.'));
    });
    sent.end(body);
  });
}

/** Reads what there is of an answer, up to a limit. Its status is known, so what goes wrong here does not matter. */
async function readAway(response: IncomingMessage): Promise<void> {
  try {
    let length = 0;
    for await (const chunk of response) {
      length += (chunk as Buffer).length;
      if (length > ANSWER_LIMIT) return;
    }
  } catch {
    // It was cut off: by the receiver, or by the limit of time.
  }
}

/** A lookup whose addresses have all been looked at: those that it gives are the ones that are connected to. */
function lookupWith({
  allowPrivate,
  resolve = allowPrivate ? resolveHere : resolveByDns,
}: PostOptions): LookupFunction {
  return (hostname, { all }, callback) => {
    resolve(hostname)
      .then((addresses) => {
        if (!allowPrivate) requirePublic(addresses.map(({ address }) => address));
        const [first] = addresses;
        if (!first) throw new PostError('The host has no address.');
        if (all) callback(null, addresses);
        else callback(null, first.address, first.family);
      })
      .catch((error: NodeJS.ErrnoException) => callback(error, []));
  };
}

function requirePublic(addresses: readonly string[]): void {
  if (addresses.every(isPublicAddress)) return;
  throw new PostError('The host has an address that is not public.');
}

/** In words that tell the webhook's owner what to do, and nothing of this system. */
function describe(error: NodeJS.ErrnoException, signal: AbortSignal, totalMs: number): PostError {
  if (error instanceof PostError) return error;
  if (signal.aborted) return new PostError(`No answer within ${totalMs} ms.`, { cause: error });
  const known = error.code && CAUSES[error.code];
  return new PostError(known ?? `The request failed${error.code ? `: ${error.code}` : ''}.`, { cause: error });
}

const CAUSES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'The host has no address.',
  ETIMEOUT: 'The host’s address could not be found at the moment.',
  ECONNREFUSED: 'The connection was refused.',
  ECONNRESET: 'The connection was closed without an answer.',
  EPIPE: 'The connection was closed without an answer.',
};
