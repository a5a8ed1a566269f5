import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { ask, eventually, openGateway, testFunction } from './testGateway.ts';

async function problemOf(response: Response): Promise<unknown> {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return response.json();
}

test('the public gets 404 for an unknown path, as problem details', async () => {
  const gateway = await openGateway();

  const response = await fetch(`${gateway.publicUrl}/nothing?token=secret`, {
    method: 'POST',
    body: 'x'.repeat(100_000),
  });

  expect(response.status).toBe(404);
  expect(await problemOf(response)).toEqual({
    type: 'about:blank',
    title: 'Not Found',
    status: 404,
    detail: 'there is nothing at /nothing',
  });
  expect(gateway.activities).toMatchObject([{ type: 'refused', function: undefined, path: '/nothing', status: 404 }]);
});

test('the public gets 405 with Allow for another method', async () => {
  const gateway = await openGateway();

  const response = await fetch(`${gateway.publicUrl}/tasks/1`, { method: 'PUT' });

  expect(response.status).toBe(405);
  expect(response.headers.get('allow')).toBe('DELETE, GET, HEAD, POST');
  await problemOf(response);
});

test.each<[string, string, Record<string, string>?]>([
  ['POST', '/events/unknown'],
  ['OPTIONS', '/events/task-created'],
  ['POST', '/events'],
  ['POST', '/bindings/unknown'],
  ['POST', '/job/unknown'],
  ['POST', '/elsewhere', { pubsubname: 'taskevents' }],
  ['POST', '/', { readtimeutc: '2026-11-25 06:46:44.651 +0000 UTC' }],
])('no event and no tick is ever answered with 404: %s %s is 503 with a reason', async (method, path, headers = {}) => {
  const gateway = await openGateway();
  const response = await fetch(gateway.internalUrl + path, { method, headers });
  expect(response.status).toBe(503);
  expect(await problemOf(response)).toMatchObject({ detail: `no function takes ${method} ${path}` });
});

test('what the sidecar passes on for a caller is answered as it is to the public', async () => {
  const gateway = await openGateway();
  const invoke = (path: string, method = 'GET') => fetch(gateway.internalUrl + path, { method });

  expect(await ask(`${gateway.internalUrl}/tasks/1?status=201`)).toMatchObject({
    status: 201,
    url: '/tasks/1?status=201',
  });
  expect((await invoke('/tasks/1?status=404')).headers.get('x-function')).toBe('yes');
  expect(await problemOf(await invoke('/nothing'))).toMatchObject({
    status: 404,
    detail: 'there is nothing at /nothing',
  });
  const refused = await invoke('/tasks/1', 'PUT');
  expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'DELETE, GET, HEAD, POST']);
});

test('an event that goes to a public route is not lost through its 404', async () => {
  const gateway = await openGateway();
  const init = { method: 'POST', headers: { pubsubname: 'taskevents' } };
  expect((await fetch(`${gateway.internalUrl}/tasks/1?status=404`, init)).status).toBe(503);
});

test('a 404 that a function answers to the sidecar becomes 503 and is reported', async () => {
  const gateway = await openGateway();

  const response = await fetch(`${gateway.internalUrl}/events/task-created?status=404`, { method: 'POST', body: '{}' });

  expect(response.status).toBe(503);
  const detail = 'function getTask answered 404, which the sidecar would take as final';
  expect(await problemOf(response)).toMatchObject({ detail });
  expect(gateway.reported('refused')).toMatchObject([{ function: 'getTask', status: 503, reason: detail }]);
});

test('the sidecar gets any other answer of a function as it is', async () => {
  const gateway = await openGateway();
  for (const status of [200, 202, 307, 400, 403, 409, 500, 503]) {
    const url = `${gateway.internalUrl}/events/task-created?status=${status}`;
    const response = await fetch(url, { method: 'POST', redirect: 'manual' });
    expect(response.status).toBe(status);
    await response.text();
  }
});

test('a 404 that a function answers to the public is passed on', async () => {
  const gateway = await openGateway();
  expect(await ask(`${gateway.publicUrl}/tasks/1?status=404`)).toMatchObject({
    status: 404,
    url: '/tasks/1?status=404',
  });
});

test('the public does not reach what is for events', async () => {
  const gateway = await openGateway();
  const init = { method: 'POST', headers: { pubsubname: 'taskevents' } };
  expect((await fetch(`${gateway.publicUrl}/events/task-created`, init)).status).toBe(404);
  expect(gateway.reported('waking')).toEqual([]);
});

test('both listeners answer the health check for the gateway itself', async () => {
  const gateway = await openGateway();
  for (const url of [gateway.publicUrl, gateway.internalUrl]) {
    const response = await fetch(`${url}/healthz`);
    expect([response.status, await response.text()]).toEqual([200, '{"status":"ok"}']);
  }
  expect(gateway.running()).toEqual([]);
});

test('a target in absolute form is routed by its path', async () => {
  const gateway = await openGateway();
  const { port } = new URL(gateway.publicUrl);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write('GET http://tasks.example/tasks/9?x=1 HTTP/1.1\r\nhost: tasks.example\r\nconnection: close\r\n\r\n');

  const answer = (await socket.setEncoding('utf8').toArray()).join('');

  expect(answer).toContain('HTTP/1.1 200');
  expect(answer).toContain('"url":"/tasks/9?x=1"');
});

test.each([
  ['of known length', 'content-length: 10\r\n\r\nhalf'],
  ['of unknown length', 'transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
])('a body %s that does not arrive in time is answered with 408', async (_, rest) => {
  const gateway = await openGateway({ functions: [testFunction({ timeoutMs: 400 })] });
  const { port } = new URL(gateway.publicUrl);
  const slow = connect(Number(port), '127.0.0.1');
  slow.write(`POST /tasks/1 HTTP/1.1\r\nhost: tasks.example\r\n${rest}`);

  const answer = (await slow.setEncoding('utf8').toArray()).join('');

  expect(answer).toContain('HTTP/1.1 408');
  expect(answer).toContain('the request was not received in full within 400 ms');
});

test('a small body that dribbles in holds no slot', async () => {
  const gateway = await openGateway({ functions: [testFunction({ concurrency: 1 })] });
  const { port } = new URL(gateway.publicUrl);
  const slow = connect(Number(port), '127.0.0.1');
  slow.write('POST /tasks/1 HTTP/1.1\r\nhost: tasks.example\r\ncontent-length: 8\r\nconnection: close\r\n\r\nhalf');

  expect((await ask(`${gateway.publicUrl}/tasks/2`)).status).toBe(200);

  slow.write('rest');
  expect((await slow.setEncoding('utf8').toArray()).join('')).toContain('"bytes":8');
});

test('a client that goes away frees its slot, and its place in the line', async () => {
  const gateway = await openGateway({ functions: [testFunction({ concurrency: 1 })] });
  const client = new AbortController();
  const inFlight = fetch(`${gateway.publicUrl}/tasks/1?wait=60000`, { signal: client.signal }).catch(() => 'gone');
  await eventually(() => expect(gateway.reported('output')).toHaveLength(1));
  const waiting = fetch(`${gateway.publicUrl}/tasks/2`, { signal: client.signal }).catch(() => 'gone');
  const patient = ask(`${gateway.publicUrl}/tasks/3`);

  client.abort();

  expect(await Promise.all([inFlight, waiting])).toEqual(['gone', 'gone']);
  expect((await patient).status).toBe(200);
  expect(gateway.reported('cut').filter(({ reason }) => reason === 'the client went away')).not.toHaveLength(0);
});
