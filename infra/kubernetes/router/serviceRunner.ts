import { Agent } from 'node:http';
import type { FunctionRunner, Lease } from '../../local/gateway/functionProcess.ts';

/** Where a Service takes requests; the host is also what it is called by in the request. */
export interface ServiceAddress {
  host: string;
  port: number;
}

/** The end of a server that this process knows nothing of. */
const never = new Promise<never>(() => {});

/** Hands a function's requests to its Service, which starts and stops instances by itself, and has its own queue. */
export function createServiceRunner({ host, port }: ServiceAddress): FunctionRunner {
  const agent = new Agent({ keepAlive: true });
  const lease: Lease = {
    process: { host, port, agent, exited: never, stop: async () => false },
    release() {},
  };
  return {
    isRunning: () => true,
    async lease(signal) {
      signal.throwIfAborted();
      return lease;
    },
    async close() {
      agent.destroy();
    },
  };
}
