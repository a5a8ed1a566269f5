import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type RequestListener, request, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { buffer, text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { type ExchangeOutcome, forward } from './proxy.ts';
import { holdSmallBody } from './requestBody.ts';
import { eventually } from './testGateway.ts';

async function listening(handler: RequestListener): Promise<{ server: Server; port: number }> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

/** A proxy before a function that is a handler, and the outcomes of its exchanges. */
async function proxyTo(handler: RequestListener) {
  const upstream = await listening(handler);
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const outcomes: ExchangeOutcome[] = [];
  const proxy = await listening(async (request, response) => {
    const ending = new AbortController();
    response.once('close', () => ending.abort());
    const { signal } = ending;
    const body = await holdSmallBody(request, signal);
    const target = request.url ?? '/';
    const exchange = { request, response, target, body, signal, withheldStatus: undefined };
    outcomes.push(await forward({ ...exchange, upstream: { port: upstream.port, agent } }));
    if (!response.headersSent) response.writeHead(502).end();
  });
  return { url: `http://127.0.0.1:${proxy.port}`, port: proxy.port, upstream, outcomes };
}

/** Sends a request with Node's own client, which leaves every header to the test. */
async function send(
  port: number,
  options: { method?: string; headers?: Record<string, string | string[]> },
  body = '',
) {
  const sent = request({ host: '127.0.0.1', port, agent: false, ...options });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return { response, text: await text(response) };
}

test('headers of the message pass, headers of the connection do not, and the client is named', async () => {
  let seen: IncomingMessage['headers'] = {};
  const proxy = await proxyTo((request, response) => {
    seen = request.headers;
    response.writeHead(200, {
      'x-answer': '1',
      'set-cookie': ['a=1', 'b=2'],
      connection: 'x-hop',
      'x-hop': '1',
      'keep-alive': 'timeout=77',
    });
    response.end('answer');
  });

  const { response } = await send(proxy.port, {
    headers: {
      host: 'tasks.example',
      connection: 'x-private, content-length',
      'x-private': '1',
      te: 'trailers',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'x-request-id': 'r-1',
      'x-forwarded-for': '203.0.113.9',
      'content-length': '0',
    },
  });

  expect(seen).toMatchObject({
    host: 'tasks.example',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    'x-request-id': 'r-1',
    'x-forwarded-for': '203.0.113.9, 127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'tasks.example',
    'content-length': '0',
  });
  expect(seen).not.toHaveProperty('x-private');
  expect(seen).not.toHaveProperty('te');
  expect(response.headers).toMatchObject({ 'x-answer': '1', 'set-cookie': ['a=1', 'b=2'] });
  expect(response.headers).not.toHaveProperty('x-hop');
  expect(response.headers['keep-alive']).not.toBe('timeout=77');
});

test('large bodies stream both ways unchanged', async () => {
  const proxy = await proxyTo((request, response) => request.pipe(response));
  const body = Buffer.alloc(8 * 1024 * 1024, 'task ');

  const response = await fetch(proxy.url, { method: 'POST', body });

  expect(body.equals(Buffer.from(await response.arrayBuffer()))).toBe(true);
});

test('an answer reaches the client while the function is still writing it', async () => {
  let finish = () => {};
  const proxy = await proxyTo((_, response) => {
    response.write('first ');
    finish = () => response.end('last');
  });

  const reader = (await fetch(proxy.url)).body?.getReader();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('first ');
  finish();
  expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('last');
});

test.each(['POST', 'DELETE', 'GET'])(
  'the body of a %s without length cannot become a second request',
  async (method) => {
    const bodies: string[] = [];
    const proxy = await proxyTo(async (request, response) => {
      bodies.push(`${request.method} ${await text(request)}`);
      response.end();
    });
    const smuggled = 'GET /secret HTTP/1.1\r\nhost: x\r\n\r\n';

    await send(proxy.port, { method, headers: { 'transfer-encoding': 'chunked', host: 'x' } }, smuggled);

    expect(bodies).toEqual([`${method} ${smuggled}`]);
  },
);

test('a HEAD is answered with the headers alone', async () => {
  const proxy = await proxyTo((_, response) => response.writeHead(200, { 'content-length': '5' }).end());
  const response = await fetch(proxy.url, { method: 'HEAD' });
  expect([response.status, response.headers.get('content-length')]).toEqual([200, '5']);
});

/** A function that closes each connection just as a second request comes on it. */
function closingOnReuse(requests: string[]): RequestListener {
  const used = new WeakSet<Socket>();
  return async (request, response) => {
    if (used.has(request.socket)) return request.socket.destroy();
    used.add(request.socket);
    requests.push(`${request.method} ${(await buffer(request)).length}`);
    response.end('done');
  };
}

test('a kept connection that closes just as a request is sent goes unnoticed', async () => {
  const requests: string[] = [];
  const proxy = await proxyTo(closingOnReuse(requests));

  for (let count = 0; count < 4; count += 1) {
    expect(await (await fetch(proxy.url, { method: 'POST', body: 'task' })).text()).toBe('done');
    expect(await (await fetch(proxy.url)).text()).toBe('done');
  }

  expect(requests).toHaveLength(8);
});

test('a body too large to be sent twice does not travel on a kept connection', async () => {
  const requests: string[] = [];
  const proxy = await proxyTo(closingOnReuse(requests));
  await (await fetch(proxy.url)).text();

  const response = await fetch(proxy.url, { method: 'POST', body: Buffer.alloc(100_000) });

  expect(response.status).toBe(200);
  expect(requests).toEqual(['GET 0', 'POST 100000']);
});

test('a fresh connection that breaks is not tried again: the function may have acted', async () => {
  let requests = 0;
  const proxy = await proxyTo((request) => {
    requests += 1;
    request.socket.destroy();
  });

  expect((await fetch(proxy.url, { method: 'POST', body: 'task' })).status).toBe(502);

  expect(requests).toBe(1);
  expect(proxy.outcomes).toMatchObject([{ kind: 'no answer' }]);
});

test('a function that takes no connections is told apart from one that gave no answer', async () => {
  const proxy = await proxyTo(() => {});
  proxy.upstream.server.close();

  expect((await fetch(proxy.url)).status).toBe(502);

  expect(proxy.outcomes).toEqual([{ kind: 'unreachable' }]);
});

test('an answer that is not HTTP counts as none', async () => {
  const proxy = await proxyTo((request) => request.socket.end('no HTTP at all\r\n\r\n'));
  expect((await fetch(proxy.url)).status).toBe(502);
  expect(proxy.outcomes).toMatchObject([{ kind: 'no answer' }]);
});

test('a client that goes away takes the request to the function with it', async () => {
  let functionSawClose = false;
  const proxy = await proxyTo((request) => {
    request.socket.once('close', () => {
      functionSawClose = true;
    });
    client.abort();
  });
  const client = new AbortController();

  await expect(fetch(proxy.url, { signal: client.signal })).rejects.toThrow();

  await eventually(() => expect(functionSawClose).toBe(true));
  expect(proxy.outcomes).toMatchObject([{ kind: 'no answer' }]);
});

test('a body refused before it was read: the client gets the refusal, and its connection stays usable', async () => {
  const proxy = await proxyTo((_, response) => response.writeHead(413).end('too large'));

  for (let count = 0; count < 5; count += 1) {
    const response = await fetch(proxy.url, { method: 'POST', body: Buffer.alloc(5_000_000) });
    expect([response.status, await response.text()]).toEqual([413, 'too large']);
  }
});
