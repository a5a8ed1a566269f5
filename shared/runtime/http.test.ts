import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import { DomainError } from '../domain/errors.ts';
import { defineFunction } from './defineFunction.ts';
import type { Problem } from './problem.ts';

const echo = defineFunction({
  name: 'echo',
  summary: 'Answers with what it was sent.',
  trigger: { http: 'POST /echo/:id' },
  input: {
    params: z.object({ id: z.uuid() }),
    query: z.strictObject({ times: z.coerce.number().int().max(3).default(1) }),
    body: z.strictObject({ word: z.string() }),
  },
  output: { status: 200, body: z.object({ words: z.array(z.string()), userId: z.string() }) },
  async handler({ body, query, userId }) {
    if (body.word === 'refuse') throw new DomainError('conflict', 'It changed.');
    if (body.word === 'break') throw new Error('secret detail');
    if (body.word === 'lie') return { words: 1 } as never;
    return { words: Array(query.times).fill(body.word), userId };
  },
});

const path = '/echo/7f1f6f0e-52a7-4b32-8d5c-0b1f0c9a2d22';

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(echo);
});
afterAll(() => platform.close());
beforeEach(() => {
  platform.logged = [];
});

test('a request reaches its handler parsed, with the token’s subject', async () => {
  const { status, body } = await app.call('alice', `${path}?times=2`, { word: 'hello' });
  expect([status, body]).toEqual([200, { words: ['hello', 'hello'], userId: 'alice' }]);
});

describe('what goes wrong is told as problem+json, with one line in the log', () => {
  test.each([
    ['a refusal of the domain', { word: 'refuse' }, 409, 'info'],
    ['a fault of the input', { word: 1 }, 422, 'info'],
    ['a fault of the program', { word: 'break' }, 500, 'error'],
    ['an answer that its schema does not allow', { word: 'lie' }, 500, 'error'],
  ])('%s', async (_what, input, status, level) => {
    const answer = await app.call<Problem>('alice', path, input);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.body).toMatchObject({ status, title: expect.any(String) });
    expect(platform.logged).toEqual([expect.objectContaining({ level, status, request: expect.any(String) })]);
  });

  test('a 500 says nothing of its cause, which stands in the log alone', async () => {
    const { body } = await app.call<Problem>('alice', path, { word: 'break' });
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(String(platform.logged[0]?.error)).toContain('secret detail');
  });

  test('a query that breaks a rule is pointed to, and a path that can name nothing is not found', async () => {
    const query = await app.call<Problem>('alice', `${path}?times=4`, { word: 'hello' });
    expect([query.status, query.body.errors?.[0]?.pointer]).toEqual([422, '#/times']);
    expect((await app.call('alice', '/echo/nothing', { word: 'hello' })).status).toBe(404);
    expect((await app.call('alice', '/elsewhere', { word: 'hello' })).status).toBe(404);
  });
});

describe('a function that wants a scope', () => {
  const guarded = { ...echo, scope: 'admin' };

  test.each(['admin', 'tasks:read admin'])('takes a token with it: %s', async (scope) => {
    expect((await platform.app(guarded, scope).call('alice', path, { word: 'hello' })).status).toBe(200);
  });

  test.each([undefined, 'administrator', 'tasks:admin'])('refuses a token without it: %s', async (scope) => {
    const answer = await platform.app(guarded, scope).call<Problem>('alice', path, { word: 'break' });
    expect([answer.status, answer.body.type]).toEqual([403, 'urn:evolution-todo:problem:forbidden']);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope"');
  });

  test('refuses a request without a token', async () => {
    expect((await platform.app(guarded).request(path, { method: 'POST' })).status).toBe(401);
  });
});

test.each([
  ['its caller’s, where that is sane', 'abc-123', 'abc-123'],
  ['its own, where the caller’s is not', 'a'.repeat(200), expect.not.stringContaining('a'.repeat(20))],
])('an answer carries the id of its request: %s', async (_what, given, id) => {
  const response = await app.request(path, { method: 'POST', headers: { 'x-request-id': given } });
  expect(response.headers.get('x-request-id')).toEqual(id);
});

test('the log has the trace of a request, and a new one where it has none', async () => {
  const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const none = trace.replaceAll(/[1-9a-f]/g, '0');
  for (const traceparent of [trace, none, none]) {
    await app.request(path, { method: 'POST', headers: { traceparent } });
  }
  const [given, ...made] = platform.logged.map((line) => line.trace);
  expect(given).toBe('0af7651916cd43dd8448eb211c80319c');
  expect(made).toEqual([expect.stringMatching(/^[0-9a-f]{32}$/), expect.stringMatching(/^[0-9a-f]{32}$/)]);
  expect(new Set([given, ...made]).size).toBe(3);
});

test('with the issuer away the answer is 503, not that the token is wrong', async () => {
  const token = await platform.token('alice');
  await platform.stopIssuer();
  const answer = await platform.app(echo).request(path, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  });
  expect(answer.status).toBe(503);
});
