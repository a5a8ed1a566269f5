import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { LaunchError, launch } from './launch.ts';
import { createOrphanReaper } from './orphanReaper.ts';
import { createPortLender, type PortLender } from './ports.ts';
import { testFunction } from './testGateway.ts';

/** A port that another program has taken since it was found free. */
async function takenPort(): Promise<number> {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

function lending(ports: PortLender, first: readonly number[]): PortLender {
  const rest = [...first];
  return { ...ports, borrow: async () => rest.shift() ?? ports.borrow() };
}

function launching(ports: PortLender, signal = new AbortController().signal) {
  const reaper = createOrphanReaper();
  onTestFinished(() => reaper.close());
  const { command, env } = testFunction();
  return launch({
    command,
    env,
    startTimeoutMs: 5_000,
    healthPath: '/healthz',
    ports,
    reaper,
    onOutput: () => {},
    signal,
  });
}

test('a port lost to another program is replaced by another one', async () => {
  const taken = await takenPort();

  const ready = await launching(lending(createPortLender(), [taken, taken]));

  expect(ready.port).not.toBe(taken);
  expect(await ready.stop(1_000)).toBe(false);
});

test('losing every port ends the launch', async () => {
  const taken = await takenPort();
  const lost = launching(lending(createPortLender(), [taken, taken, taken]));
  await expect(lost).rejects.toThrow('EADDRINUSE');
});

test('a launch that is given up leaves nothing behind', async () => {
  const giveUp = new AbortController();
  const launched = launching(createPortLender(), giveUp.signal);
  giveUp.abort();
  await expect(launched).rejects.toBeInstanceOf(LaunchError);
});

test('stopping twice asks once and ends the process', async () => {
  const ready = await launching(createPortLender());
  expect(await Promise.all([ready.stop(5_000), ready.stop(5_000)])).toEqual([false, false]);
  expect(await ready.exited).toEqual({ code: 0, signal: null });
});

test('a port is lent to one borrower at a time', async () => {
  const ports = createPortLender();
  const borrowed = await Promise.all(Array.from({ length: 50 }, () => ports.borrow()));
  expect(new Set(borrowed).size).toBe(50);
});
