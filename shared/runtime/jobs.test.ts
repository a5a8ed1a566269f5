import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { daprJobs } from './jobs.ts';

// What a real sidecar does with such calls is in infra/conformance/behaviours/jobs.ts.

/** A sidecar that answers as it is told, and remembers what it was asked. */
let server: Server;
let endpoint: string;
let calls: { method: string | undefined; path: string | undefined; token: unknown; body: unknown }[];
let answer: { status: number; body?: string } | 'nothing';
beforeEach(async () => {
  calls = [];
  answer = { status: 204 };
  server = createServer(async (request, response) => {
    const text = Buffer.concat(await request.toArray()).toString();
    const { method, url: path, headers } = request;
    calls.push({ method, path, token: headers['dapr-api-token'], body: text && JSON.parse(text) });
    if (answer !== 'nothing') response.writeHead(answer.status).end(answer.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const jobs = (timeoutMs = 5_000) => daprJobs({ endpoint: `${endpoint}/`, apiToken: 'token', timeoutMs });
const refused = (message: string) => JSON.stringify({ errorCode: 'DAPR_SCHEDULER_SCHEDULE_JOB', message });

test('asks Dapr, with the token', async () => {
  expect(await jobs().schedule('time-up', { due: new Date('2026-11-28T12:00:00.5Z'), data: { slot: 1 } })).toBe(true);
  await jobs().cancel('time-up');
  const to = { path: '/v1.0/jobs/time-up', token: 'token' };
  expect(calls).toEqual([
    { ...to, method: 'POST', body: { dueTime: '2026-11-28T12:00:00.500Z', data: { slot: 1 } } },
    { ...to, method: 'DELETE', body: '' },
  ]);
});

describe('a job’s wire form', () => {
  test.each([
    [{ due: 1_500 }, { dueTime: '1500ms' }],
    [
      { schedule: '@every 30s', repeats: 3, until: 90_000 },
      { schedule: '@every 30s', repeats: 3, ttl: '90000ms' },
    ],
    [
      { due: 0, overwrite: true },
      { dueTime: '0ms', overwrite: true },
    ],
    [
      { due: 0, onFailure: 'drop' as const },
      { dueTime: '0ms', failurePolicy: { drop: {} } },
    ],
    [
      { due: 0, onFailure: { retryAfterMs: 250, retries: 8 } },
      { dueTime: '0ms', failurePolicy: { constant: { interval: '0.25s', maxRetries: 8 } } },
    ],
    [
      { due: 0, onFailure: { retryAfterMs: 60_000 } },
      { dueTime: '0ms', failurePolicy: { constant: { interval: '60s' } } },
    ],
  ])('of %j', async (job, wire) => {
    await jobs().schedule('time-up', job);
    // Never without data: such a job would not come.
    expect(calls.map(({ body }) => body)).toEqual([{ ...wire, data: null }]);
  });
});

describe('a job whose name is taken', () => {
  beforeEach(() => {
    answer = { status: 409, body: refused('failed to schedule job due to: job already exists') };
  });

  test('is not set, and the caller is told', async () => {
    expect(await jobs().schedule('time-up', { due: 0 })).toBe(false);
  });

  test('is a failure where it was to be replaced', async () => {
    await expect(jobs().schedule('time-up', { due: 0, overwrite: true })).rejects.toThrow('answered 409');
  });
});

test('tells which job was refused, and in whose words', async () => {
  answer = { status: 500, body: refused('due time format not recognized') };
  await expect(jobs().schedule('time-up', { due: 0 })).rejects.toThrow(
    'the job time-up was not set: the sidecar answered 500: due time format not recognized',
  );
  answer = { status: 401, body: 'invalid api token\n' };
  await expect(jobs().cancel('time-up')).rejects.toThrow(
    'the job time-up was not cancelled: the sidecar answered 401: invalid api token',
  );
});

test('does not wait longer than its limit, nor for a sidecar that is not there', async () => {
  answer = 'nothing';
  await expect(jobs(50).schedule('time-up', { due: 0 })).rejects.toThrow('no answer from the sidecar within 50 ms');
  const nobody = daprJobs({ endpoint: 'http://127.0.0.1:9', apiToken: 'token', timeoutMs: 5_000 });
  await expect(nobody.cancel('time-up')).rejects.toThrow('fetch failed');
});

test('asks nothing with a name that would be another path', async () => {
  await expect(jobs().cancel('../publish')).rejects.toThrow('is no name for a job');
  expect(calls).toEqual([]);
});
