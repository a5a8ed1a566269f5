import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import * as z from 'zod';
import { taskSnapshot } from '../../infra/testing/taskSnapshot.ts';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import { defineFunction } from './defineFunction.ts';
import { routeOf } from './route.ts';

const onTimeUp = defineFunction({
  name: 'onTimeUp',
  summary: 'Fails on demand, and writes an event.',
  trigger: { job: 'time-up' },
  data: z.strictObject({ slot: z.string() }),
  emits: ['task.deleted'],
  async handler({ slot }, { commit }) {
    if (slot === 'break') throw new TypeError('secret detail');
    const data = taskSnapshot({ title: slot });
    await commit({ statements: [], events: [{ type: 'task.deleted', userId: 'alice', taskId: randomUUID(), data }] });
    return { found: 1 };
  },
});

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(onTimeUp);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  platform.logged = [];
  platform.published = [];
});

test('a job that is due reaches the handler with its data, and is answered when its events are published', async () => {
  const response = await app.comeDue({ slot: 'noon' });
  expect([response.status, await response.json()]).toEqual([200, {}]);
  expect(platform.published).toMatchObject([{ data: { data: { title: 'noon' } } }]);
  expect(platform.logged).toMatchObject([{ level: 'info', outcome: 'done', found: 1 }]);
});

test('a failure is answered with 500, so that Dapr tries again, and tells nothing of its cause', async () => {
  const response = await app.comeDue({ slot: 'break' });
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('secret');
  expect(platform.logged).toMatchObject([{ level: 'error', outcome: 'failed', error: expect.any(TypeError) }]);
});

test('data that does not fit ends the job, since it would come again as it is, and the log says why', async () => {
  const response = await app.comeDue({ slot: 12 });
  expect([response.status, await response.json()]).toEqual([200, {}]);
  expect(platform.logged).toMatchObject([
    { level: 'error', outcome: 'dropped', reason: 'slot: Invalid input: expected string, received number' },
  ]);
});

test('data that is no JSON ends the job too', async () => {
  const headers = { 'content-type': 'application/json', 'dapr-api-token': 'app-token' };
  const response = await app.request('/job/time-up', { method: 'POST', headers, body: '{' });
  expect(response.status).toBe(200);
  expect(platform.logged).toMatchObject([{ level: 'error', outcome: 'dropped' }]);
});

test('who comes without Dapr’s token is refused', async () => {
  for (const headers of [{}, { 'dapr-api-token': 'guessed' }] as Record<string, string>[]) {
    const response = await app.request('/job/time-up', { method: 'POST', headers, body: '{"slot":"noon"}' });
    expect(response.status).toBe(401);
  }
  expect(platform.published).toEqual([]);
});

test('another path is answered with 503, since at a 404 Dapr would take the job for done', async () => {
  expect((await app.request('/job/other', { method: 'POST' })).status).toBe(503);
});

test('a function without a schema takes whatever the job was set with', async () => {
  const bare = platform.app(
    defineFunction({
      name: 'bare',
      summary: 'Looks at nothing.',
      trigger: { job: 'bare' },
      handler: async (data) => ({ given: data === undefined ? 0 : 1 }),
    }),
  );
  expect((await bare.comeDue({ any: 'thing' })).status).toBe(200);
  expect(platform.logged).toMatchObject([{ outcome: 'done', given: 0 }]);
});

describe('the name of a job', () => {
  const named = (job: string) => () =>
    defineFunction({ name: 'named', summary: 'Does nothing.', trigger: { job }, handler: async () => ({}) });

  test('is its route', () => {
    expect(routeOf(named('reminders-due')().trigger)).toEqual({
      audience: 'internal',
      method: 'POST',
      path: '/job/reminders-due',
    });
  });

  test.each(['', 'Reminders', 'a b', 'a/b', 'a||b', 'ä', '-a', 'a-', 'a--b', 'a.b', '%2e'])('is not "%s"', (job) => {
    expect(named(job)).toThrow(`"${job}" is no name for a job`);
  });
});
