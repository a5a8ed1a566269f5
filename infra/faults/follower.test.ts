import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import createTask from '../../functions/createTask/createTask.ts';
import deleteTask from '../../functions/deleteTask/deleteTask.ts';
import listChanges from '../../functions/listChanges/listChanges.ts';
import type { Task } from '../../shared/domain/task.ts';
import { type TestPlatform, testPlatform } from '../testing/testApp.ts';
import type { ApiRequest, Client } from './client.ts';
import { followChanges } from './follower.ts';
import { createLedger } from './ledger.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());

const send = async (userId: string, { path }: ApiRequest) => {
  const { status, headers, body } = await platform.app(listChanges).call(userId, path);
  return { status, headers, text: JSON.stringify(body) };
};
const pauseMs = [1, 2] as const;

/** Fails every third time, as a system does that is hit. */
function failingNowAndThen(inner: Client['send']): Client['send'] {
  let calls = 0;
  return async (userId, request) => {
    calls += 1;
    return calls % 3 === 0 ? undefined : inner(userId, request);
  };
}

it('comes to the tasks as they are from every cursor, though answers are lost', async () => {
  const ledger = createLedger();
  const follower = followChanges(['alice'], { client: { send: failingNowAndThen(send) }, ledger, pauseMs });
  const create = platform.app(createTask);
  const tasks: Task[] = [];
  for (let number = 0; number < 12; number += 1) {
    tasks.push((await create.call<Task>('alice', '/tasks', { title: `task ${number}` })).body);
    await sleep(10);
  }
  await platform.app(deleteTask).call('alice', `/tasks/${tasks[0]?.id}`);
  await follower.finish();

  expect(ledger.contradictions).toEqual([]);
  expect(ledger.counts.get('changes')?.unknown).toBeGreaterThan(0);
  expect(ledger.copies.length).toBeGreaterThan(3);
  const sizes = ledger.copies.map(({ tasks }) => tasks.length);
  expect(new Set(sizes)).toEqual(new Set([11]));
});

it('notes a feed that goes back, and one that is refused', async () => {
  const ledger = createLedger();
  let reads = 0;
  const unsteady: Client['send'] = async (userId, request) => {
    reads += 1;
    const answer = await send(userId, request);
    if (reads === 2) return { ...answer, status: 410 };
    const { changes, ...page } = JSON.parse((await send(userId, { method: 'GET', path: '/changes' })).text);
    for (const change of changes) if (change.task) change.task.version = 10 - Math.min(reads, 9);
    return { ...answer, text: JSON.stringify({ ...page, changes }) };
  };
  const follower = followChanges(['alice'], { client: { send: unsteady }, ledger, pauseMs });
  while (reads < 4) await sleep(5);
  await follower.finish();
  expect(ledger.contradictions.some((text) => text.includes('goes back'))).toBe(true);
  expect(ledger.contradictions.some((text) => text.includes('410'))).toBe(true);
});
