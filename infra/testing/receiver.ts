import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came. */
export interface Received {
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** Somebody's server on loopback that webhooks are sent to. */
export interface Receiver {
  url: string;
  received: Received[];
  /** How it answers; 204 as a rule. */
  answer: (response: ServerResponse, request: Received) => void;
  /** Connections that are open. */
  connections(): Promise<number>;
  close(): Promise<void>;
}

/** Starts a receiver, on loopback unless it is given another address; `port` 0 chooses a free one. */
export async function startReceiver(port = 0, host = '127.0.0.1'): Promise<Receiver> {
  const server = createServer(async (request, response) => {
    const received = await read(request);
    receiver.received.push(received);
    receiver.answer(response, received);
  });
  server.listen(port, host);
  await once(server, 'listening');
  const receiver: Receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received: [],
    answer: respondWith(204),
    connections: () =>
      new Promise((resolve, reject) => {
        server.getConnections((error, count) => (error ? reject(error) : resolve(count)));
      }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

/** An answer with a status, at once. */
export function respondWith(status: number, headers: Record<string, string> = {}): Receiver['answer'] {
  return (response) => void response.writeHead(status, headers).end();
}

async function read(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return {
    path: request.url ?? '',
    headers: request.headers as Record<string, string>,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}
