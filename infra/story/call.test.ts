import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from '../local/listen.ts';
import { sendUntilAnswered } from './call.ts';

async function server(answer: (response: ServerResponse, tries: number) => void) {
  const requests: IncomingMessage[] = [];
  const { url, close } = await listen(
    createServer((request, response) => answer(response, requests.push(request))),
    0,
  );
  onTestFinished(close);
  return { endpoint: { url, headers: {} }, requests };
}

const patience = { patienceMs: 5_000 };
const write = { path: '/tasks', method: 'POST', body: { title: 'Buy milk' } };

test('what a gateway answers in the API’s place is asked again, with the same key', async () => {
  const { endpoint, requests } = await server((response, tries) =>
    response.writeHead(tries === 1 ? 504 : 201).end('activator request timeout'),
  );
  expect(await sendUntilAnswered(endpoint, write, patience)).toMatchObject({ status: 201 });
  const keys = requests.map(({ headers }) => headers['idempotency-key']);
  expect(keys).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/), keys[0]]);
});

test('so is one that a gateway has no route for yet', async () => {
  const { endpoint } = await server((response, tries) =>
    response.writeHead(tries === 1 ? 404 : 200, { 'content-type': 'text/plain; charset=utf-8' }).end(),
  );
  expect(await sendUntilAnswered(endpoint, { path: '/tasks' }, patience)).toMatchObject({ status: 200 });
});

test.each([404, 503])('the API’s own failure is an answer: %i', async (status) => {
  const { endpoint, requests } = await server((response) =>
    response.writeHead(status, { 'content-type': 'application/problem+json' }).end('{}'),
  );
  expect(await sendUntilAnswered(endpoint, write, patience)).toMatchObject({ status });
  expect(requests).toHaveLength(1);
});

test('patience ends', async () => {
  const { endpoint } = await server((response) => response.writeHead(502).end());
  expect(await sendUntilAnswered(endpoint, write, { patienceMs: 100 })).toMatchObject({ status: 502 });
});
