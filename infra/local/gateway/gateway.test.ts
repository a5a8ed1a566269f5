import { expect, test } from 'vitest';
import { ask, eventually, isAlive, openGateway, startLog, testFunction } from './testGateway.ts';

test('the first request starts the process and is held until it answers', async () => {
  const gateway = await openGateway({ functions: [testFunction({ env: { START_DELAY_MS: '100' } })] });
  expect(gateway.running()).toEqual([]);

  const answer = await ask(`${gateway.publicUrl}/tasks/7?full=1`);

  expect(answer).toMatchObject({ status: 200, method: 'GET', url: '/tasks/7?full=1' });
  expect(gateway.running()).toEqual(['getTask']);
  const lifeCycle = gateway.activities.filter(({ type }) => type !== 'output');
  expect(lifeCycle).toMatchObject([
    { type: 'waking', function: 'getTask' },
    { type: 'woke', function: 'getTask', ms: expect.any(Number) },
    { type: 'request', function: 'getTask', method: 'GET', path: '/tasks/7', status: 200 },
  ]);
});

test('a hundred requests at once start one process', async () => {
  const log = await startLog();
  const gateway = await openGateway({ functions: [testFunction({ env: { START_LOG: log.path } })] });

  const answers = await Promise.all(Array.from({ length: 100 }, (_, id) => ask(`${gateway.publicUrl}/tasks/${id}`)));

  expect(new Set(answers.map(({ pid }) => pid)).size).toBe(1);
  expect(await log.pids()).toHaveLength(1);
});

test('a process is stopped when idle, and started again by the next request', async () => {
  const gateway = await openGateway({ idleMs: 50 });
  const { pid } = await ask(`${gateway.publicUrl}/tasks/1`);

  await eventually(() =>
    expect(gateway.reported('slept')).toEqual([{ type: 'slept', function: 'getTask', forced: false }]),
  );
  expect(isAlive(pid)).toBe(false);
  expect(gateway.running()).toEqual([]);

  const again = await ask(`${gateway.publicUrl}/tasks/1`);
  expect(again.pid).not.toBe(pid);
});

test('a process is not idle while a request is in flight', async () => {
  const gateway = await openGateway({ idleMs: 20 });

  const response = await fetch(`${gateway.publicUrl}/tasks/1?wait=150`);

  expect(response.status).toBe(200);
  expect(gateway.reported('waking')).toHaveLength(1);
});

test('a request that comes while the process stops is answered by a new one', async () => {
  const slowToStop = testFunction({ env: { IGNORE_SIGTERM: '1' } });
  const gateway = await openGateway({ functions: [slowToStop], idleMs: 20, stopGraceMs: 500 });
  const first = await ask(`${gateway.publicUrl}/tasks/1`);
  await eventually(() => expect(gateway.running()).toEqual([]));
  expect(isAlive(first.pid)).toBe(true);

  const second = await ask(`${gateway.publicUrl}/tasks/2`);

  expect(second.status).toBe(200);
  expect(second.pid).not.toBe(first.pid);
  expect(gateway.reported('slept')[0]).toMatchObject({ forced: true });
});

test('no more requests than the concurrency reach the process at once, and all are served', async () => {
  const gateway = await openGateway({ functions: [testFunction({ concurrency: 2 })] });

  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, id) => ask(`${gateway.publicUrl}/tasks/${id}?wait=20`)),
  );

  expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
  expect(Math.max(...answers.map(({ seenInFlight }) => seenInFlight))).toBe(2);
});

test('more requests than may wait are refused with Retry-After', async () => {
  const gateway = await openGateway({ functions: [testFunction({ concurrency: 1 })], maxPending: 3 });

  const responses = await Promise.all(Array.from({ length: 5 }, () => fetch(`${gateway.publicUrl}/tasks/1?wait=20`)));

  const refused = responses.filter(({ status }) => status === 503);
  expect(refused).toHaveLength(2);
  expect(refused[0]?.headers.get('retry-after')).toBe('1');
  expect(responses.filter(({ status }) => status === 200)).toHaveLength(3);
});

test('a request that takes longer than its limit is answered with 504', async () => {
  const gateway = await openGateway({ functions: [testFunction({ timeoutMs: 300 })] });

  const response = await fetch(`${gateway.publicUrl}/tasks/1?wait=5000`);

  expect(response.status).toBe(504);
  expect(await response.json()).toMatchObject({ status: 504, detail: 'function getTask did not answer within 300 ms' });
});

test('functions cannot share a name or a route', async () => {
  await expect(openGateway({ functions: [testFunction(), testFunction()] })).rejects.toThrow('named getTask');
  await expect(openGateway({ functions: [testFunction(), testFunction({ name: 'readTask' })] })).rejects.toThrow(
    'getTask and readTask both take GET /tasks/:id',
  );
});

test('a port in use is named', async () => {
  const first = await openGateway();
  const taken = Number(new URL(first.internalUrl).port);

  await expect(openGateway({ internalPort: taken })).rejects.toThrow(`127.0.0.1:${taken}: the port is in use`);
});

test('an address that stands for every one is told as loopback, where the gateway answers', async () => {
  const gateway = await openGateway({ host: '0.0.0.0' });
  for (const url of [gateway.publicUrl, gateway.internalUrl]) {
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  }
});
