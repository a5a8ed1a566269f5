import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import type { Task } from '../../shared/domain/task.ts';
import type { Client } from './client.ts';
import type { Blow } from './hits.ts';
import { createInjector, type Struck } from './injector.ts';
import type { Target } from './target.ts';

const client: Client = {
  create: async () => ({ id: 'probe' }) as Task,
  complete: async () => {},
  send: async () => undefined,
  hasNotification: async () => true,
};

/** A process that stays, to be hit. */
async function victim() {
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  return { pid: child.pid as number, ended: once(child, 'exit') };
}

function injectorOf(blows: Blow[][], pids: Target['pids']) {
  const struck: Struck[] = [];
  const injector = createInjector({
    hits: blows.map((each, index) => ({ beforeStep: 10 * (index + 1), blows: each })),
    target: { pids } as Target,
    client,
    onStruck: (hit) => struck.push(hit),
  });
  return { injector, struck };
}

const blow = (how: Blow['how']): Blow => ({ part: 'daprd', how, ms: 50, choice: 0 });

it('kills a part when the load comes to the step, not before', async () => {
  const { pid, ended } = await victim();
  const { injector, struck } = injectorOf([[blow('kill')]], async () => [pid]);
  await injector.reach(9);
  await injector.settled();
  expect(struck).toEqual([]);
  await injector.reach(10);
  await injector.settled();
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(struck).toEqual([{ name: 'daprd kill', landed: true, recoveredInMs: expect.any(Number) }]);
});

it('lets a stopped part go on', async () => {
  const { pid, ended } = await victim();
  const { injector, struck } = injectorOf([[blow('stop')]], async () => [pid]);
  await injector.reach(10);
  await injector.settled();
  expect(struck).toMatchObject([{ name: 'daprd stop', landed: true }]);
  // A process that stands still would not end on this.
  process.kill(pid, 'SIGTERM');
  expect(await ended).toEqual([null, 'SIGTERM']);
});

it('holds the load before a hit until the one before it is overcome', async () => {
  const { pid } = await victim();
  const { injector, struck } = injectorOf([[blow('stop')], [blow('stop')]], async () => [pid]);
  await injector.reach(10);
  expect(struck).toHaveLength(0);
  await injector.reach(25);
  expect(struck).toHaveLength(1);
  expect(injector.isUnderWay()).toBe(true);
  await injector.settled();
  expect(struck).toHaveLength(2);
  expect(injector.isUnderWay()).toBe(false);
});
