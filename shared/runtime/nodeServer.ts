import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';

/** Answers a request; what it throws is a fault of its own. */
export type Answer = (request: Request) => Response | Promise<Response>;

/** What a caller still sends when it has its answer is read away for so long, and then its connection is closed. */
const DRAIN_MS = 500;

/** A Host (RFC 9110, section 7.2): a name or an address, with a port or without. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/**
 * Answers HTTP requests as a web application does. A request is only what functions need of the web's `Request` (see
 * `RequestOfNode`), since Node's own costs a start 20 ms. What can't be a request's address is answered with 400.
 */
export function serverOf(answer: Answer): Server {
  return createServer((incoming, outgoing) => {
    respond(incoming, outgoing, answer).catch((error: unknown) => {
      // Nothing can be said any more of what has been answered in part.
      outgoing.destroy(error as Error);
    });
  });
}

async function respond(incoming: IncomingMessage, outgoing: ServerResponse, answer: Answer): Promise<void> {
  const url = addressOf(incoming);
  if (url === undefined) {
    outgoing.writeHead(400).end();
    return;
  }
  const response = await answer(new RequestOfNode(incoming, url) as unknown as Request);
  const body = new Uint8Array(await response.arrayBuffer());
  const sized = response.status === 304 || incoming.method === 'HEAD' ? {} : { 'content-length': body.length };
  outgoing.writeHead(response.status, { ...Object.fromEntries(response.headers), ...sized });
  outgoing.end(body);
  if (!incoming.complete) drain(incoming);
}

/** The absolute address of a request; undefined where its target or its Host is none. */
function addressOf({ url: target = '', headers: { host = '' } }: IncomingMessage): string | undefined {
  if (!HOST.test(host) || target.includes('\\')) return undefined;
  // The absolute form (RFC 9112, section 3.2.2) says it all itself.
  const address = /^https?:\/\//.test(target) ? target : `http://${host}${target}`;
  return target !== '*' && URL.canParse(address) ? new URL(address).href : undefined;
}

function drain(incoming: IncomingMessage): void {
  const late = setTimeout(() => incoming.socket.destroySoon(), DRAIN_MS);
  late.unref();
  incoming.once('close', () => clearTimeout(late));
  incoming.resume();
}

/** The part of the web's `Request` that Hono and functions use, over a request of `node:http`. */
class RequestOfNode {
  readonly url: string;
  readonly headers: Pick<Headers, 'get' | 'has'>;
  readonly #incoming: IncomingMessage;

  constructor(incoming: IncomingMessage, url: string) {
    this.#incoming = incoming;
    this.url = url;
    // What stands there twice is joined: of two tokens, say, none may count as the one.
    const get = (name: string) => incoming.headersDistinct[name.toLowerCase()]?.join(', ') ?? null;
    this.headers = { get, has: (name) => get(name) !== null };
  }

  get method(): string {
    return this.#incoming.method ?? 'GET';
  }

  /** Its chunks; whoever stops reading leaves the connection as it is, so that it can be answered. */
  get body(): AsyncIterable<Uint8Array> {
    return { [Symbol.asyncIterator]: () => (this.#incoming as Readable).iterator({ destroyOnReturn: false }) };
  }
}
