import { createServer, type Server, type ServerResponse } from 'node:http';
import type { ReportActivity } from './activity.ts';
import { isDelivery } from './delivery.ts';
import { answerPage, type Page } from './pages.ts';
import { answerProblem } from './problem.ts';
import { Refusal } from './refusal.ts';
import { type Audience, HEALTH_PATH, type RouteMatch, type Router } from './routing.ts';
import { type Backend, ExchangeCut, serveRequest } from './serveRequest.ts';

/** One side of the gateway. */
export interface ListenerOptions {
  /** Whose routes it has. */
  readonly audiences: readonly Audience[];
  readonly route: Router<Backend>;
  /** What the gateway answers itself, by path. */
  readonly pages: ReadonlyMap<string, Page> | undefined;
  /** The longest time limit of any function, in milliseconds. */
  readonly longestTimeoutMs: number;
  readonly report: ReportActivity;
}

/**
 * Longer than the 90 s after which Go's HTTP client, so daprd, drops an idle connection: then it is never this end
 * that closes one just as a request comes.
 */
const KEEP_ALIVE_MS = 95_000;
/** The server's own limit on receiving a request comes after a function's, which is answered in better words. */
const RECEIVE_MARGIN_MS = 5_000;

/** Creates the HTTP server of one side; it does not listen yet. */
export function createListener({ audiences, route, pages, longestTimeoutMs, report }: ListenerOptions): Server {
  const timeouts = { keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: longestTimeoutMs + RECEIVE_MARGIN_MS };

  return createServer(timeouts, async (request, response) => {
    const startedAt = performance.now();
    const { method = 'GET' } = request;
    const target = originForm(request.url ?? '/');
    const path = target.split('?', 1)[0] ?? '/';
    if (path === HEALTH_PATH) return answerHealthy(response);

    const delivered = audiences.includes('internal') && isDelivery(path, request.headers);
    const match = route(method, path);
    const name = match.kind === 'owner' ? match.owner.definition.name : undefined;
    try {
      const page = pages?.get(path);
      if (page) return void (await answerPage(request, response, page));
      if (match.kind !== 'owner') throw unroutable(match, delivered, method, path);
      const withheldStatus = delivered ? 404 : undefined;
      const status = await serveRequest({ request, response, target, withheldStatus }, match.owner);
      const ms = performance.now() - startedAt;
      report({ type: 'request', function: match.owner.definition.name, method, path, status, ms });
    } catch (error) {
      if (error instanceof ExchangeCut || response.headersSent) {
        report({ type: 'cut', function: name, method, path, reason: messageOf(error) });
        response.destroy();
        return;
      }
      const refusal = error instanceof Refusal ? error : unexpected(error);
      const { status, message: reason, publicDetail, headers } = refusal;
      report({ type: 'refused', function: name, method, path, status, reason });
      answerProblem(response, status, delivered ? reason : publicDetail, headers);
    }
  });
}

/** A server must also take the absolute form that is meant for proxies (RFC 9112, 3.2.2). */
function originForm(target: string): string {
  if (!/^https?:\/\//i.test(target)) return target;
  return target.replace(/^https?:\/\/[^/?#]*/i, '') || '/';
}

function answerHealthy(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end('{"status":"ok"}');
}

/** A 404 would make the sidecar give the event up for good, so it gets a 503 and tries again. */
function unroutable(
  match: Exclude<RouteMatch<Backend>, { kind: 'owner' }>,
  delivered: boolean,
  method: string,
  path: string,
): Refusal {
  if (delivered) return new Refusal(503, `no function takes ${method} ${path}`);
  if (match.kind === 'unknown') return new Refusal(404, `there is nothing at ${path}`);
  const allow = match.allow.join(', ');
  return new Refusal(405, `${path} takes ${allow}, not ${method}`, { headers: { allow } });
}

function unexpected(error: unknown): Refusal {
  return new Refusal(500, `the gateway failed: ${messageOf(error)}`, { publicDetail: 'the gateway failed' });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
