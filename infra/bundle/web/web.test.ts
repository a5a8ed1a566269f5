import { createServer, type RequestListener } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { type Listening, listen } from '../../local/listen.ts';
import * as ours from './globals.ts';

const webs = [
  ['Node’s own', { fetch, Headers, Response }],
  ['a bundle’s', ours as unknown as { fetch: typeof fetch; Headers: typeof Headers; Response: typeof Response }],
] as const;

let server: Listening | undefined;
afterEach(() => server?.close());
async function serve(listener: RequestListener): Promise<string> {
  server = await listen(createServer(listener), 0);
  return server.url;
}

describe.each(webs)('%s Headers', (_whose, { Headers }) => {
  test('are known by names in any case, and come by name', () => {
    const headers = new Headers({ 'X-B': '1', 'x-a': ' 2 ' });
    headers.append('x-B', '3');
    expect([headers.get('X-A'), headers.get('x-b'), headers.get('x-c'), headers.has('X-B')]).toEqual([
      ...['2', '1, 3', null, true],
    ]);
    expect([...headers]).toEqual([
      ['x-a', '2'],
      ['x-b', '1, 3'],
    ]);
    headers.set('x-b', '4');
    headers.delete('X-A');
    expect([...new Headers(headers).entries()]).toEqual([['x-b', '4']]);
    const seen: string[] = [];
    headers.forEach((value, name) => void seen.push(name, value));
    expect(seen).toEqual(['x-b', '4']);
  });
});

describe.each(webs)('%s Response', (_whose, { Response }) => {
  test('has its status, its headers, and its body in every form', async () => {
    const make = () => new Response('{"ü":1}', { status: 201, headers: { location: '/x' } });
    const { status, ok, headers } = make();
    expect([status, ok, [...headers]]).toEqual([
      ...[201, true],
      [
        ['content-type', 'text/plain;charset=UTF-8'],
        ['location', '/x'],
      ],
    ]);
    expect(await make().text()).toBe('{"ü":1}');
    expect(await make().json()).toEqual({ ü: 1 });
    expect(Buffer.from(await make().arrayBuffer()).toString()).toBe('{"ü":1}');
  });

  test('has no body where it is given none, and is made of another as well', async () => {
    const none = new Response(null, new Response('text', { status: 404, headers: { 'x-a': '1' } }));
    expect([none.status, none.ok, none.body, none.headers.get('x-a')]).toEqual([404, false, null, '1']);
    expect((await none.arrayBuffer()).byteLength).toBe(0);
    expect([new Response('x').status, [...new Response(null).headers]]).toEqual([200, []]);
  });
});

describe.each(webs)('%s fetch', (_whose, { fetch }) => {
  test('sends what it is given, and reads the answer', async () => {
    const url = await serve(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const { method, headers } = request;
      response.writeHead(202, { 'x-answer': 'yes' });
      response.end(
        JSON.stringify({ method, body, type: headers['content-type'], given: headers['x-given'], url: request.url }),
      );
    });
    const response = await fetch(`${url}/a?b=c`, { method: 'POST', headers: { 'X-Given': '1' }, body: 'grün' });
    expect([response.status, response.ok, response.headers.get('x-answer')]).toEqual([202, true, 'yes']);
    expect(await response.json()).toEqual({
      ...{ method: 'POST', body: 'grün', type: 'text/plain;charset=UTF-8', given: '1', url: '/a?b=c' },
    });
  });

  test('rejects with what is wrong with the connection', async () => {
    const url = await serve(() => {});
    await server?.close();
    server = undefined;
    await expect(fetch(url)).rejects.toMatchObject({
      ...{ name: 'TypeError', message: 'fetch failed' },
      cause: expect.objectContaining({ code: 'ECONNREFUSED' }),
    });
  });

  test('rejects with the reason of its signal, before and while it waits', async () => {
    const url = await serve(() => {});
    await expect(fetch(url, { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({ name: 'TimeoutError' });
    await expect(fetch(url, { signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow('too late');
  });

  test('rejects where an answer breaks off', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    });
    await expect(fetch(url).then((response) => response.text())).rejects.toThrow(TypeError);
  });
});

test('a bundle’s fetch uses a connection again', async () => {
  const ports = new Set<number | undefined>();
  const url = await serve((request, response) => {
    ports.add(request.socket.remotePort);
    response.end('ok');
  });
  for (let count = 0; count < 3; count += 1) await (await ours.fetch(url)).text();
  expect(ports.size).toBe(1);
});
