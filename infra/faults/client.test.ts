import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Listening, listen } from '../local/listen.ts';
import { type Client, createClient } from './client.ts';
import { createLedger } from './ledger.ts';

let api: Listening;
let client: Client;
let got: string[] = [];
beforeAll(async () => {
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    got.push(`${method} ${url} ${headers['idempotency-key']} ${headers['if-match']} ${headers['content-type']}`);
    if (url !== '/silent') response.writeHead(200, { etag: '"2"' }).end('{}');
  });
  api = await listen(server, 0);
  client = createClient({ apiUrl: `http://127.0.0.1:${api.port}`, token: async () => 'token' }, createLedger());
});
afterAll(() => api.close());

it('sends what a request says, and gives the answer as it is', async () => {
  const contentType = 'application/merge-patch+json';
  const request = { method: 'PATCH', path: '/tasks/1', body: '{}', contentType, idempotencyKey: 'k', ifMatch: 1 };
  const answer = await client.send('alice', request);
  expect([answer?.status, answer?.headers.get('etag'), answer?.text]).toEqual([200, '"2"', '{}']);
  expect(got).toEqual([`PATCH /tasks/1 k "1" ${contentType}`]);
});

it('hangs up when it is to, after it has sent', async () => {
  got = [];
  expect(await client.send('alice', { method: 'POST', path: '/silent', hangUpAfterMs: 1_000 })).toBeUndefined();
  expect(got).toHaveLength(1);
});
