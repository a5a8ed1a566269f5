import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ReportActivity } from '../../local/gateway/activity.ts';
import { createListener } from '../../local/gateway/listener.ts';
import { createRouter, HEALTH_PATH } from '../../local/gateway/routing.ts';
import type { Backend } from '../../local/gateway/serveRequest.ts';
import { createServiceRunner, type ServiceAddress } from './serviceRunner.ts';
import type { ServiceRoute } from './table.ts';

export interface RouterOptions {
  table: readonly ServiceRoute[];
  /** Where a Service takes requests. */
  addressOf: (service: string) => ServiceAddress;
  /** On loopback, for the sidecar in the same pod; 0 takes a free one. */
  port: number;
  /** On every address, for probes, and answers nothing else; 0 takes a free one. */
  healthPort: number;
  /** What is under way when it closes has this long to finish, in milliseconds. */
  graceMs: number;
  onActivity?: ReportActivity;
}

/** What stands between the sidecar and the functions' Services. */
export interface ServiceRouter {
  url: string;
  healthUrl: string;
  /** Takes no further connections, lets requests under way finish within the grace, and ends. */
  close(): Promise<void>;
}

/**
 * Routes what the sidecar calls, by method and path, to the functions' Services: the app channel of a daprd that serves
 * them all. An event or a tick never gets a 404, which daprd would take as final: where a path is unknown, or the Service
 * or the ingress in front of it answers 404, it answers 503, and daprd tries again.
 */
export async function startRouter(options: RouterOptions): Promise<ServiceRouter> {
  const { table, addressOf, graceMs, onActivity: report = () => {} } = options;
  const backends = table.map((route) => backend(route, addressOf(route.service)));
  const server = createListener({
    audiences: ['internal', 'public'],
    route: createRouter(backends, ['internal', 'public']),
    pages: undefined,
    longestTimeoutMs: Math.max(...table.map(({ timeoutMs }) => timeoutMs)),
    report,
  });
  await listen(server, options.port, '127.0.0.1');
  const health = createServer((request, response) => {
    response.writeHead(request.url === HEALTH_PATH ? 200 : 404).end();
  });
  await listen(health, options.healthPort);

  async function closeAll(): Promise<void> {
    const closed = once(server, 'close');
    server.close();
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(timer);
    for (const { runner } of backends) await runner.close(0);
    health.close();
    health.closeAllConnections();
  }

  let closing: Promise<void> | undefined;
  return {
    url: urlOf(server),
    healthUrl: urlOf(health),
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}

function backend({ service, timeoutMs, ...route }: ServiceRoute, address: ServiceAddress): Backend {
  return { definition: { name: service, routes: [route], timeoutMs }, runner: createServiceRunner(address) };
}

async function listen(server: Server, port: number, host?: string): Promise<void> {
  server.listen(port, host);
  await once(server, 'listening');
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
