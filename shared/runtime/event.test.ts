import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { taskSnapshot } from '../../infra/testing/taskSnapshot.ts';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import { type TaskEvent, toCloudEvent } from '../events/event.ts';
import { defineFunction } from './defineFunction.ts';
import { formatTraceparent, parseTraceparent } from './trace.ts';

const onTaskDeleted = defineFunction({
  name: 'onTaskDeleted',
  summary: 'Fails on demand.',
  trigger: { event: 'task.deleted' },
  emits: ['task.deleted'],
  async handler(event, { commit }) {
    if (event.data.title === 'break') throw new TypeError('secret detail');
    const { user_id: userId, task_id: taskId, data } = event;
    await commit({ statements: [], events: [{ type: 'task.deleted', userId, taskId, data }] });
  },
});

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(onTaskDeleted);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  platform.logged = [];
  platform.published = [];
});

const deleted = (title: string): TaskEvent<'task.deleted'> => ({
  event_id: randomUUID(),
  event_type: 'task.deleted',
  timestamp: '2026-11-25T08:00:00.000Z',
  user_id: 'alice',
  task_id: randomUUID(),
  data: taskSnapshot({ title }),
});
const deliver = (envelope: object, headers: Record<string, string> = {}) =>
  app.request('/events/task-deleted', {
    method: 'POST',
    headers: { 'content-type': 'application/cloudevents+json', 'dapr-api-token': 'app-token', ...headers },
    body: JSON.stringify(envelope),
  });
const failures = () => platform.database.query('select event_id, function, reason, attempts from event_failures');

describe('why a function did not take an event is recorded', () => {
  test('when it fails, with the number of times', async () => {
    const event = deleted('break');
    for (let attempt = 0; attempt < 3; attempt += 1) expect((await app.deliver(event)).status).toBe(500);
    expect(await failures()).toEqual([
      { event_id: event.event_id, function: 'onTaskDeleted', reason: 'TypeError', attempts: 3 },
    ]);
  });

  test('when it drops it, with what is wrong', async () => {
    const envelope = { ...toCloudEvent(deleted('x'), { source: '/test' }), data: 'secret' };
    expect(await (await deliver(envelope)).json()).toEqual({ status: 'DROP' });
    expect(await failures()).toMatchObject([{ event_id: envelope.id, reason: expect.stringMatching(/^data: /) }]);
    expect(JSON.stringify(await failures())).not.toContain('secret');
  });

  test('not when it takes it, now or before', async () => {
    const event = deleted('x');
    await app.deliver(event);
    await app.deliver(event);
    expect(await failures()).toEqual([]);
  });
});

describe('the answer does not depend on the record', () => {
  test.each([
    ['no id', undefined],
    ['an id that no column can hold', 'a\0b'],
    ['an id that is no text', { x: 1 }],
  ])('an event with %s is dropped all the same', async (_what, id) => {
    const response = await deliver({ ...toCloudEvent(deleted('x'), { source: '/test' }), id });
    expect([response.status, await response.json()]).toEqual([200, { status: 'DROP' }]);
    expect(platform.logged.map(({ outcome }) => outcome)).toEqual(['dropped']);
    expect(await failures()).toEqual([]);
  });

  test('a record that fails leaves a line in the log', async () => {
    await platform.database.query('alter table event_failures rename to gone');
    try {
      expect((await app.deliver(deleted('break'))).status).toBe(500);
      expect(platform.logged.map(({ outcome }) => outcome)).toEqual(['failed', 'reason-lost']);
    } finally {
      await platform.database.query('alter table gone rename to event_failures');
    }
  });
});

describe('the trace', () => {
  const trace = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', sampled: true };
  const other = { ...trace, traceId: '1'.repeat(32) };

  test('of an event goes on in the log, and in the events that it leads to', async () => {
    const envelope = toCloudEvent(deleted('x'), { source: '/test', trace: formatTraceparent(trace) });
    await deliver(envelope, { traceparent: formatTraceparent(other) });
    expect(platform.logged).toMatchObject([{ outcome: 'handled', trace: trace.traceId }]);
    const [published] = platform.published;
    const next = parseTraceparent(published?.tracecontext);
    expect(next?.traceId).toBe(trace.traceId);
    expect(next?.spanId).not.toBe(trace.spanId);
  });

  test.each([undefined, 'no trace', 7])('is that of the delivery where the event’s own is %s', async (tracecontext) => {
    const envelope = { ...toCloudEvent(deleted('x'), { source: '/test' }), tracecontext };
    const response = await deliver(envelope, { traceparent: formatTraceparent(other) });
    expect(await response.json()).toEqual({ status: 'SUCCESS' });
    expect(platform.logged).toMatchObject([{ trace: other.traceId }]);
  });
});
