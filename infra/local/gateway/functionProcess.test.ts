import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createFunctionRunner } from './functionProcess.ts';
import { createOrphanReaper } from './orphanReaper.ts';
import { createPortLender } from './ports.ts';
import { ask, eventually, isAlive, openGateway, startLog, testFunction } from './testGateway.ts';

const UNLIMITED = new AbortController().signal;

test('leases are given in the order they were asked for, as many at once as the concurrency', async () => {
  const reaper = createOrphanReaper();
  const times = { idleMs: 1_000, startTimeoutMs: 5_000, stopGraceMs: 1_000 };
  const shared = { ...times, maxPending: 10, ports: createPortLender(), reaper, report: () => {} };
  const runner = createFunctionRunner(testFunction({ concurrency: 2 }), shared);
  const order: number[] = [];
  const leases = [0, 1, 2, 3, 4].map(async (number) => {
    const lease = await runner.lease(UNLIMITED);
    order.push(number);
    return lease;
  });

  const first = await Promise.all(leases.slice(0, 2));
  expect(order).toEqual([0, 1]);
  first[1]?.release(true);
  first[1]?.release(true);
  await leases[2];
  expect(order).toEqual([0, 1, 2]);
  for (const lease of leases) (await lease).release(true);
  expect(order).toEqual([0, 1, 2, 3, 4]);

  await runner.close(1_000);
  await reaper.close();
});

test('a process that crashes while idle is reported, and the next request starts another', async () => {
  const gateway = await openGateway();
  const { pid } = await ask(`${gateway.publicUrl}/tasks/1`);

  process.kill(pid, 'SIGKILL');
  await eventually(() =>
    expect(gateway.reported('crashed')).toEqual([
      { type: 'crashed', function: 'getTask', code: null, signal: 'SIGKILL', stderr: [] },
    ]),
  );
  expect(gateway.running()).toEqual([]);

  const next = await ask(`${gateway.publicUrl}/tasks/1`);
  expect(next).toMatchObject({ status: 200 });
  expect(next.pid).not.toBe(pid);
});

test('a process killed in the middle of a request: no answer to that one, a new process for the next', async () => {
  const gateway = await openGateway();

  const killed = await fetch(`${gateway.publicUrl}/tasks/1?kill=before`);
  expect(killed.status).toBe(502);
  expect(await killed.json()).toMatchObject({ detail: 'function getTask gave no answer' });

  expect((await ask(`${gateway.publicUrl}/tasks/2`)).status).toBe(200);
  expect(gateway.reported('crashed')).toHaveLength(1);
});

test('a process killed in the middle of its answer: the connection is cut', async () => {
  const gateway = await openGateway();

  const response = await fetch(`${gateway.publicUrl}/tasks/1?kill=during`);

  expect(response.status).toBe(200);
  await expect(response.text()).rejects.toThrow();
  expect(gateway.reported('cut')).toMatchObject([{ reason: 'function getTask broke off its answer' }]);
});

test.each([2, 300_000])(
  'a process that takes no connections any more is replaced; a body of %d bytes waits',
  async (size) => {
    const gateway = await openGateway();
    const { pid } = await ask(`${gateway.publicUrl}/tasks/1?deaf=1`);

    const next = await ask(`${gateway.publicUrl}/tasks/2`, { method: 'POST', body: Buffer.alloc(size) });

    expect(next).toMatchObject({ status: 200, method: 'POST', bytes: size });
    expect(next.pid).not.toBe(pid);
    expect(isAlive(pid)).toBe(false);
  },
);

test('a function that cannot start: 503, the reason for the sidecar and the report but not for the public', async () => {
  const broken = testFunction({ env: { DATABASE_URL_REQUIRED: '1' } });
  const gateway = await openGateway({ functions: [broken] });

  const inside = await fetch(`${gateway.internalUrl}/events/task-created`, { method: 'POST' });
  const outside = await fetch(`${gateway.publicUrl}/tasks/1`);

  expect([inside.status, outside.status]).toEqual([503, 503]);
  const reason = 'exit code 1: DATABASE_URL is missing';
  expect(await inside.json()).toMatchObject({ detail: `function getTask could not start (${reason})` });
  expect(await outside.json()).toMatchObject({ detail: 'function getTask could not start' });
  expect(gateway.reported('start-failed')[0]).toMatchObject({ function: 'getTask', reason });
});

test('a crash loop is slowed down: after two failures requests are refused without a new try, for a while', async () => {
  const log = await startLog();
  const broken = testFunction({ env: { DATABASE_URL_REQUIRED: '1', START_LOG: log.path } });
  const gateway = await openGateway({ functions: [broken] });
  const answer = () => fetch(`${gateway.publicUrl}/tasks/1`);

  for (let count = 0; count < 3; count += 1) {
    const response = await answer();
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('1');
  }
  expect(await log.pids()).toHaveLength(2);

  await eventually(async () => {
    await answer();
    expect(await log.pids()).toHaveLength(3);
  });
  expect(gateway.reported('start-failed').map(({ retryInMs }) => Math.round(retryInMs / 50) * 50)).toEqual([
    0, 250, 500,
  ]);
});

test('a function that crashes at every request, before it ever answered, is slowed down too', async () => {
  const log = await startLog();
  const gateway = await openGateway({ functions: [testFunction({ env: { START_LOG: log.path } })] });

  const statuses: number[] = [];
  for (let count = 0; count < 3; count += 1) {
    statuses.push((await fetch(`${gateway.publicUrl}/tasks/1?kill=before`)).status);
    await eventually(() => expect(gateway.running()).toEqual([]));
  }

  expect(statuses).toEqual([502, 502, 503]);
  expect(await log.pids()).toHaveLength(2);
});

test('a command that does not exist is a reason too', async () => {
  const gateway = await openGateway({ functions: [testFunction({ command: ['/no/such/program'] })] });

  const response = await fetch(`${gateway.internalUrl}/events/task-created`, { method: 'POST' });

  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ detail: expect.stringContaining('ENOENT') });
});

test('a missing bundle is named by the line of the error, not by the last line', async () => {
  const gateway = await openGateway({ functions: [testFunction({ command: [process.execPath, '/no/bundle.js'] })] });

  await fetch(`${gateway.publicUrl}/tasks/1`);

  const [failure] = gateway.reported('start-failed');
  expect(failure?.reason).toBe("exit code 1: Error: Cannot find module '/no/bundle.js'");
  expect(failure?.stderr.at(-1)).toMatch(/^Node\.js v/);
});

test('a process that does not become healthy in time is killed and its requests are refused', async () => {
  const log = await startLog();
  const sick = testFunction({ env: { NEVER_HEALTHY: '1', IGNORE_SIGTERM: '1', START_LOG: log.path } });
  const gateway = await openGateway({ functions: [sick], startTimeoutMs: 1_000 });

  const response = await fetch(`${gateway.internalUrl}/events/task-created`, { method: 'POST' });

  expect(response.status).toBe(503);
  expect(await response.json()).toMatchObject({ detail: expect.stringContaining('not ready within 1000 ms') });
  const pids = await log.pids();
  expect(pids).toHaveLength(1);
  expect(pids.filter(isAlive)).toEqual([]);
});

test('a process sees its own environment and PORT, and nothing of the gateway', async () => {
  const script = `require('http').createServer((_, response) => response.end(JSON.stringify(process.env)))
    .listen(process.env.PORT)`;
  const printer = testFunction({ command: [process.execPath, '-e', script], env: { GREETING: 'hello' } });
  const gateway = await openGateway({ functions: [printer] });

  const environment = await (await fetch(`${gateway.publicUrl}/tasks/1`)).json();

  expect(environment).toEqual({ GREETING: 'hello', PORT: expect.stringMatching(/^\d+$/) });
});

test('a process that runs but answers its liveness probe no more is replaced', async () => {
  const liveness = { path: '/healthz', periodMs: 50, failureThreshold: 2 };
  const gateway = await openGateway({ functions: [testFunction({ liveness })], stopGraceMs: 200 });
  const { pid } = await ask(`${gateway.publicUrl}/tasks/1`);

  process.kill(pid, 'SIGSTOP');
  await eventually(() => expect(gateway.reported('crashed')).toMatchObject([{ signal: 'SIGKILL' }]));

  const next = await ask(`${gateway.publicUrl}/tasks/1`);
  expect(next).toMatchObject({ status: 200 });
  expect(next.pid).not.toBe(pid);
});

test('a process that answers its liveness probe stays', async () => {
  const liveness = { path: '/healthz', periodMs: 10, failureThreshold: 1 };
  const gateway = await openGateway({ functions: [testFunction({ liveness })] });
  const { pid } = await ask(`${gateway.publicUrl}/tasks/1`);
  await delay(300);
  expect((await ask(`${gateway.publicUrl}/tasks/1`)).pid).toBe(pid);
});

test('a function’s own idle time and health path hold in place of the gateway’s', async () => {
  const gateway = await openGateway({
    functions: [testFunction({ idleMs: 50, healthPath: '/tasks/ready' })],
    idleMs: Number.POSITIVE_INFINITY,
  });
  expect((await ask(`${gateway.publicUrl}/tasks/1`)).status).toBe(200);
  await eventually(() => expect(gateway.reported('slept')).toHaveLength(1));
  expect(gateway.reported('output').map(({ line }) => line)).toContain('serving /tasks/ready');
});
