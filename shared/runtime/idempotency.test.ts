import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import completeTask from '../../functions/completeTask/completeTask.ts';
import createTask from '../../functions/createTask/createTask.ts';
import deleteTask from '../../functions/deleteTask/deleteTask.ts';
import outboxCron from '../../functions/outboxCron/outboxCron.ts';
import reopenTask from '../../functions/reopenTask/reopenTask.ts';
import updateTask from '../../functions/updateTask/updateTask.ts';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Task } from '../domain/task.ts';
import { defineFunction } from './defineFunction.ts';
import { idempotencyKeyOf } from './idempotency.ts';
import type { Problem } from './problem.ts';

// In the past, so that tokens are valid a month later too.
const now = new Date('2026-01-25T09:00:00.000Z');
const DAY_MS = 24 * 60 * 60 * 1000;
const key = { 'idempotency-key': '8e03978e-40d5-43dd-bc93-6894a57f9324' };

let platform: TestPlatform;
let create: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  create = platform.app(createTask);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, { published: [], now });
});

/** Something that is waited for until it is let pass. */
function gate() {
  let pass = () => {};
  const passed = new Promise<void>((resolve) => {
    pass = resolve;
  });
  return { passed, pass };
}

const count = async (table: string) => (await platform.database.query(`select 1 from ${table}`)).length;

describe('the same request with the same key', () => {
  test('gets the answer that it got before, and is made once', async () => {
    const first = await create.call<Task>('alice', '/tasks', { title: 'Buy milk' }, key);
    platform.now = new Date(now.getTime() + 1_000);
    const again = await create.call<Task>('alice', '/tasks', { title: 'Buy milk' }, key);
    expect(again.body).toEqual(first.body);
    expect(again.status).toBe(201);
    for (const name of ['location', 'etag', 'content-type'])
      expect(again.headers.get(name)).toBe(first.headers.get(name));
    expect([first, again].map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, 'true']);
    expect([await count('tasks'), await count('outbox')]).toEqual([1, 1]);
  });

  test('at once, is made once: each gets that answer, or is told that another is under way', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => create.call<Task>('alice', '/tasks', { title: 'Buy milk' }, key)),
    );
    const ids = new Set(answers.filter(({ status }) => status === 201).map(({ body }) => body.id));
    expect(ids.size).toBe(1);
    for (const { status } of answers) expect([201, 409]).toContain(status);
    expect([await count('tasks'), await count('outbox')]).toEqual([1, 1]);
  });

  test('gets it although the other one is made between its look for an answer and its own try', async () => {
    const { body } = await create.call<Task>('alice', '/tasks', { title: 'Buy milk' });
    const [first, second] = [gate(), gate()];
    let tries = 0;
    const { handler } = deleteTask;
    const paced = defineFunction({
      ...deleteTask,
      async handler(request, context) {
        tries += 1;
        if (tries === 1) {
          await second.passed;
          const task = await handler(request, context);
          first.pass();
          return task;
        }
        second.pass();
        await first.passed;
        return handler(request, context);
      },
    });
    const remove = () => platform.app(paced).call<Task>('alice', `/tasks/${body.id}`, undefined, key);
    const answers = await Promise.all([remove(), remove()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(answers[1]?.body).toEqual(answers[0]?.body);
    expect(await count('outbox')).toBe(2);
  });

  test('gets it although the version that it named has passed since', async () => {
    const { body } = await create.call<Task>('alice', '/tasks', { title: 'Buy milk' });
    const headers = { ...key, 'if-match': '"1"' };
    const patch = () =>
      platform.app(updateTask).call<Task>('alice', `/tasks/${body.id}`, { title: 'Oat milk' }, headers);
    const [first, again] = [await patch(), await patch()];
    expect([first.status, again.status, again.body]).toEqual([200, 200, first.body]);
  });

  test('that had nothing to change changes nothing later either', async () => {
    const { body } = await create.call<Task>('alice', '/tasks', { title: 'Buy milk' });
    const complete = (headers = {}) =>
      platform.app(completeTask).call<Task>('alice', `/tasks/${body.id}/complete`, undefined, headers);
    await complete();
    const first = await complete(key);
    await platform.app(reopenTask).call('alice', `/tasks/${body.id}/reopen`);
    expect((await complete(key)).body).toEqual(first.body);
    expect(await platform.database.query('select status from tasks')).toEqual([{ status: 'open' }]);
  });

  test('at once, with nothing to change, gets that answer, or is told that another is under way', async () => {
    const { body } = await create.call<Task>('alice', '/tasks', { title: 'Buy milk' });
    const complete = (headers = {}) =>
      platform.app(completeTask).call<Task>('alice', `/tasks/${body.id}/complete`, undefined, headers);
    const done = await complete();
    for (const { status, body } of await Promise.all(Array.from({ length: 12 }, () => complete(key)))) {
      expect([200, 409]).toContain(status);
      if (status === 200) expect(body).toEqual(done.body);
    }
  });

  test('is made anew a day later, and what was kept is removed', async () => {
    await create.call('alice', '/tasks', { title: 'Buy milk' }, key);
    platform.now = new Date(now.getTime() + DAY_MS - 1);
    await create.call('alice', '/tasks', { title: 'Buy milk' }, key);
    expect(await count('tasks')).toBe(1);
    platform.now = new Date(now.getTime() + DAY_MS);
    await create.call('alice', '/tasks', { title: 'Buy milk' }, key);
    expect(await count('tasks')).toBe(2);
    platform.now = new Date(now.getTime() + 2 * DAY_MS);
    await platform.app(outboxCron).tick();
    expect(await count('idempotency_keys')).toBe(0);
  });
});

describe('the same key', () => {
  test('for another body or another path is refused', async () => {
    const { body } = await create.call<Task>('alice', '/tasks', { title: 'Buy milk' }, key);
    const other = await create.call<Problem>('alice', '/tasks', { title: 'Buy bread' }, key);
    expect([other.status, other.body.type]).toEqual([422, 'urn:evolution-todo:problem:key-reused']);
    const path = `/tasks/${body.id}/complete`;
    expect((await platform.app(completeTask).call('alice', path, undefined, key)).status).toBe(422);
    expect(await count('tasks')).toBe(1);
  });

  test('of another user is another key', async () => {
    await create.call('alice', '/tasks', { title: 'Buy milk' }, key);
    const bobs = await create.call<Task>('bob', '/tasks', { title: 'Buy milk' }, key);
    expect([bobs.status, bobs.headers.get('idempotency-replayed')]).toEqual([201, null]);
    expect(await count('tasks')).toBe(2);
  });

  test('of a request that was refused is free', async () => {
    expect((await create.call('alice', '/tasks', { title: '' }, key)).status).toBe(422);
    expect((await create.call('alice', '/tasks', { title: 'Buy milk' }, key)).status).toBe(201);
  });
});

test('a key is visible ASCII, bare or quoted', async () => {
  expect([idempotencyKeyOf(undefined), idempotencyKeyOf('a-1'), idempotencyKeyOf('"a-1"')]).toEqual([
    undefined,
    'a-1',
    'a-1',
  ]);
  for (const bad of ['', ' ', 'a b', 'é', '"', 'x'.repeat(256)]) expect(() => idempotencyKeyOf(bad)).toThrow();
  const { status } = await create.call<Problem>('alice', '/tasks', { title: 'x' }, { 'idempotency-key': 'a b' });
  expect(status).toBe(422);
});
