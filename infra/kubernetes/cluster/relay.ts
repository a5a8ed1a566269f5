import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { MACHINE_ADDRESS } from './names.ts';

/** A way for pods to something that listens on this machine's loopback. */
export interface Relay {
  /** On the machine's address in the cluster's network. */
  readonly port: number;
  close(): Promise<void>;
}

/** Opens a way from the cluster's network, which only this machine and its pods reach, to a port of loopback. */
export async function relayToLoopback(port: number, address = MACHINE_ADDRESS): Promise<Relay> {
  const sockets = new Set<Socket>();
  const server = createServer((fromPod) => {
    const toPart = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [fromPod, toPart],
      [toPart, fromPod],
    ] as const) {
      sockets.add(socket);
      // The other end hears of it by its own connection's end.
      socket.on('error', () => other.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    fromPod.pipe(toPart).pipe(fromPod);
  });
  server.listen(0, address);
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
