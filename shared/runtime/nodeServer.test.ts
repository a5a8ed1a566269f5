import type { Server } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type Listening, listen } from '../../infra/local/listen.ts';
import { type Answer, serverOf } from './nodeServer.ts';
import { readBytes } from './requestBody.ts';

let listening: Listening | undefined;
afterEach(() => listening?.close());

async function serve(answer: Answer): Promise<string> {
  const server: Server = serverOf(answer);
  listening = await listen(server, 0);
  return listening.url;
}

/** Sends bytes as they are, and resolves to what comes back until the connection is closed. */
function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(listening?.port ?? 0, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket
      .on('end', () => socket.end())
      .on('close', () => resolve(answer))
      .on('error', reject);
  });
}

describe('a request', () => {
  const describeRequest: Answer = async (request) =>
    Response.json({
      ...{
        method: request.method,
        url: request.url,
        one: request.headers.get('X-One'),
        has: request.headers.has('x-two'),
      },
      body: Buffer.from(await readBytes(request, 100)).toString(),
    });

  test('has its method, address, headers and body', async () => {
    const url = await serve(describeRequest);
    const response = await fetch(`${url}/a%20b/../c?d=e`, { method: 'POST', headers: { 'x-one': '1' }, body: 'grün' });
    expect(await response.json()).toEqual({
      ...{ method: 'POST', url: `${url}/c?d=e`, one: '1', has: false, body: 'grün' },
    });
  });

  test('with a header that stands there twice has both values', async () => {
    await serve(async (request) => new Response(request.headers.get('authorization')));
    const answer = await raw(
      'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n',
    );
    expect(answer).toMatch(/\r\n\r\na, b$/);
  });

  test.each([
    ['in absolute form', 'http://example.org/p?q', 'example.com', 'http://example.org/p?q'],
    ['at an address of IPv6', '/p', '[::1]:8080', 'http://[::1]:8080/p'],
  ])('%s is known by its address', async (_what, target, host, expected) => {
    await serve(async (request) => new Response(request.url));
    const answer = await raw(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(answer.endsWith(`\r\n\r\n${expected}`)).toBe(true);
  });

  test.each([
    ['without a Host', 'GET / HTTP/1.0\r\n\r\n'],
    ['for a Host that is more than one', 'GET / HTTP/1.1\r\nHost: x/y\r\nConnection: close\r\n\r\n'],
    ['for a user at a Host', 'GET / HTTP/1.1\r\nHost: me@x\r\nConnection: close\r\n\r\n'],
    ['with a backslash', 'GET /a\\..\\b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
    ['for everything', 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'],
  ])('%s is refused with 400', async (_what, request) => {
    await serve(() => new Response('ok'));
    expect(await raw(request)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe('an answer', () => {
  test('has its status, headers and length', async () => {
    const url = await serve(() => new Response('grün', { status: 201, headers: { location: '/x' } }));
    const response = await fetch(url);
    expect([response.status, response.headers.get('location'), response.headers.get('content-length')]).toEqual([
      ...[201, '/x', '5'],
    ]);
    expect(await response.text()).toBe('grün');
  });

  test('to HEAD, and one of nothing new, has no body', async () => {
    const url = await serve(({ method }) => new Response(null, { status: method === 'HEAD' ? 200 : 304 }));
    expect([(await fetch(url, { method: 'HEAD' })).status, (await fetch(url)).status]).toEqual([200, 304]);
  });

  test('reaches whoever has not sent everything, and then the connection is closed', async () => {
    const url = await serve(async (request) =>
      readBytes(request, 3).then(
        () => new Response('read'),
        () => new Response('too much', { status: 413 }),
      ),
    );
    const { host } = new URL(url);
    const answer = await raw(`POST / HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nmore\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 .*too much$/s);
  });

  test('leaves the connection to the next request, though the body was not read', async () => {
    await serve(async ({ method }) => new Response(method));
    const first = 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc';
    expect(await raw(`${first}GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).toMatch(/POST.*GET$/s);
  });

  test('that fails closes the connection', async () => {
    const url = await serve(async () => {
      throw new Error('a fault');
    });
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });
});
