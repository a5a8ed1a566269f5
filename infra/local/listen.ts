import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Listening {
  url: string;
  port: number;
  close(): Promise<void>;
}

/** Stands for all of a machine's addresses. */
const EVERYWHERE = '0.0.0.0';

/**
 * Starts a server, on loopback unless it is given another address; `port` 0 takes a free one. Rejects with what to do
 * when the port is in use.
 */
export async function listen(server: Server, port: number, host = '127.0.0.1'): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const inUse = error.code === 'EADDRINUSE';
      reject(inUse ? new Error(`port ${port} is in use: stop what listens there, or choose another port`) : error);
    });
    server.listen(port, host, resolve);
  });
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host === EVERYWHERE ? '127.0.0.1' : host}:${actual}`,
    port: actual,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A port of loopback that nobody listens on at the moment. */
export async function freePort(): Promise<number> {
  const listening = await listen(createServer(), 0);
  await listening.close();
  return listening.port;
}
