import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { freePort } from '../../local/listen.ts';
import { startRouter } from './router.ts';
import type { ServiceRoute } from './table.ts';

const table: ServiceRoute[] = [
  { service: 'on-task-created', audience: 'internal', method: 'POST', path: '/events/task-created', timeoutMs: 2_000 },
  { service: 'get-task', audience: 'public', method: 'GET', path: '/tasks/:id', timeoutMs: 2_000 },
];

/** An ingress in front of every Service, on loopback. */
async function ingress(answer: RequestListener, port = 0): Promise<number> {
  const server = createServer(answer).listen(port, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

async function routerBefore(port: number, host = 'localhost') {
  const router = await startRouter({ table, addressOf: () => ({ host, port }), port: 0, healthPort: 0, graceMs: 500 });
  onTestFinished(() => router.close());
  return router;
}

const event = { method: 'POST', headers: { 'content-type': 'application/cloudevents+json' }, body: '{"id":"1"}' };

test('passes an event to its function’s Service, under the Service’s name as Host, and the answer back', async () => {
  const seen: IncomingMessage[] = [];
  const bodies: string[] = [];
  const port = await ingress(async (request, response) => {
    seen.push(request);
    for await (const chunk of request) bodies.push(String(chunk));
    response.setHeader('content-type', 'application/json').end('{"status":"SUCCESS"}');
  });
  const { url } = await routerBefore(port);

  const response = await fetch(`${url}/events/task-created`, event);

  expect([response.status, await response.json()]).toEqual([200, { status: 'SUCCESS' }]);
  expect(seen[0]).toMatchObject({ method: 'POST', url: '/events/task-created' });
  expect(seen[0]?.headers).toMatchObject({
    host: 'localhost',
    'x-forwarded-host': expect.stringContaining('127.0.0.1'),
  });
  expect(bodies).toEqual(['{"id":"1"}']);
});

test('an ingress that has not loaded its routes answers 404, and the sidecar gets 503', async () => {
  const port = await ingress((_, response) => response.writeHead(404).end('404 page not found'));
  const { url } = await routerBefore(port);
  expect((await fetch(`${url}/events/task-created`, event)).status).toBe(503);
});

test.each(['/events/unknown', '/bindings/unknown', '/job/unknown', '/events/task-created/more', '/bindings'])(
  'the sidecar gets 503 for %s, which nobody takes',
  async (path) => {
    const { url } = await routerBefore(await ingress((_, response) => response.end()));
    expect((await fetch(url + path, event)).status).toBe(503);
  },
);

test('an event on any other path that nobody takes gets 503 as well', async () => {
  const { url } = await routerBefore(await ingress((_, response) => response.end()));
  const headers = { ...event.headers, pubsubname: 'taskevents' };
  expect((await fetch(`${url}/elsewhere`, { ...event, headers })).status).toBe(503);
});

test('whoever invokes a method gets the API’s own 404', async () => {
  const port = await ingress((_, response) => response.writeHead(404).end());
  const { url } = await routerBefore(port);
  expect((await fetch(`${url}/tasks/1`)).status).toBe(404);
  expect((await fetch(`${url}/elsewhere`)).status).toBe(404);
});

test('a Service whose name does not resolve yet is a failure that passes', async () => {
  const { url } = await routerBefore(80, 'no-such-service.invalid');
  expect((await fetch(`${url}/events/task-created`, event)).status).toBe(502);
});

test('an ingress that comes up meanwhile gets the request', async () => {
  const port = await freePort();
  const { url } = await routerBefore(port);
  const answer = fetch(`${url}/events/task-created`, event);
  await delay(200);
  await ingress((_, response) => response.end(), port);
  expect((await answer).status).toBe(200);
});

test('a Service that hangs costs no more than the route’s time', async () => {
  const { url } = await routerBefore(await ingress(() => {}));
  const startedAt = performance.now();
  expect((await fetch(`${url}/events/task-created`, event)).status).toBe(504);
  expect(performance.now() - startedAt).toBeLessThan(4_000);
});

test('what is under way when it closes is finished', async () => {
  const port = await ingress((_, response) => void setTimeout(() => response.end('{}'), 300));
  const router = await routerBefore(port);
  const answer = fetch(`${router.url}/events/task-created`, event);
  await delay(100);
  await Promise.all([router.close(), answer.then(({ status }) => expect(status).toBe(200))]);
  await expect(fetch(`${router.url}/events/task-created`, event)).rejects.toThrow();
});

test('probes ask on a port of their own, which does nothing else', async () => {
  const { healthUrl } = await routerBefore(await ingress((_, response) => response.end()));
  expect((await fetch(`${healthUrl}/healthz`)).status).toBe(200);
  expect((await fetch(`${healthUrl}/events/task-created`, event)).status).toBe(404);
});
