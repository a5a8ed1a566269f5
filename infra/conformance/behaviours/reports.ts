import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import onTaskCreated from '../../../functions/onTaskCreated/onTaskCreated.ts';
import { toCloudEvent } from '../../../shared/events/event.ts';
import { defineFunction } from '../../../shared/runtime/defineFunction.ts';
import type { AppAnswer } from '../../local/sidecar/testing/recordingApp.ts';
import { taskSnapshot } from '../../testing/taskSnapshot.ts';
import { type TestApp, type TestPlatform, testPlatform } from '../../testing/testApp.ts';
import { type Bench, eventually } from '../bench.ts';
import type { Script } from '../topic.ts';

/** What others reported of Dapr, and what becomes of it here; the README has those that can't happen. */
export function describeReports(bench: Bench): void {
  const kept = bench.topic('reported', { deadLetters: true });
  const endless = bench.topic('reported-endless', { component: 'bare' });
  const missing = bench.topic('reported-missing', { component: 'bare', deadLetters: 'missing' });

  it('dapr#5511 (a dead letter after the first failure): a policy comes before the dead-letter topic', async () => {
    const outcome = await kept.outcomeOf((_delivery, earlier) => ({ status: earlier === 0 ? 503 : 200 }));
    expect(outcome).toEqual({ deliveries: 2, deadLetters: 0 });
  });

  it.each([400, 401, 403, 408, 409, 410, 413, 422, 429, 501])(
    'dapr#4660 (lost through a status that is not retried): %d is delivered again, and kept in the end',
    async (status) => {
      expect(await kept.outcomeOf(() => ({ status }))).toEqual({ deliveries: 4, deadLetters: 1 });
    },
  );

  it.each<[string, AppAnswer]>([
    ['500', { status: 500 }],
    ['404', { status: 404 }],
    ['DROP', { status: 200, body: '{"status":"DROP"}' }],
  ])(
    'dapr#8284 (the dead-letter topic is missing): after %s the event comes again until it is taken',
    async (_name, answer) => {
      const outcome = await missing.outcomeOf((_delivery, earlier) => (earlier < 2 ? answer : { status: 200 }));
      expect(outcome).toEqual({ deliveries: 3, deadLetters: 0 });
    },
  );

  it('components-contrib#4362 (out of tries, and delivered again): so without a dead-letter topic, never with one', async () => {
    const fails: Script = (_delivery, earlier) => ({ status: earlier < 5 ? 500 : 200 });
    expect(await kept.outcomeOf(fails)).toEqual({ deliveries: 4, deadLetters: 1 });
    expect(await endless.outcomeOf(fails)).toEqual({ deliveries: 6, deadLetters: 0 });
  });

  describe('with a function behind the sidecar', () => {
    let platform: TestPlatform;
    beforeAll(async () => {
      platform = await testPlatform();
    });
    afterAll(() => platform?.close());

    it('components-contrib#4577 (two deliveries at once): the event took effect once', async () => {
      const event = taskCreated();
      endless.script(event.id, answerOf(platform.app(onTaskCreated)));
      // Under keys of their own they come through several partitions, side by side.
      await Promise.all(Array.from({ length: 8 }, () => endless.publish(event, { key: randomUUID() })));
      await eventually(() => expect(endless.deliveries(event.id).length).toBeGreaterThanOrEqual(8));
      await eventually(() => expect(platform.logged.length).toBeGreaterThanOrEqual(8));
      expect(platform.logged.filter(({ outcome }) => outcome === 'handled')).toHaveLength(1);
      expect(await platform.database.query('select message from notifications')).toEqual([
        { message: 'New task: Buy milk' },
      ]);
    });

    it("js-sdk#720 (a handler's exception counted as success): the event comes again", async () => {
      let calls = 0;
      const definition = defineFunction({
        name: 'onTaskCreated',
        summary: 'Fails at first.',
        trigger: { event: 'task.created' },
        async handler() {
          if (++calls < 3) throw new Error('not yet');
        },
      });
      const event = taskCreated();
      kept.script(event.id, answerOf(platform.app(definition)));
      await kept.publish(event, { key: event.id });
      await kept.settled(event.id);
      expect(calls).toBe(3);
      expect(kept.deadLetters(event.id)).toEqual([]);
    });
  });
}

function taskCreated() {
  const data = taskSnapshot();
  const event = {
    event_id: randomUUID(),
    event_type: 'task.created' as const,
    timestamp: new Date().toISOString(),
    user_id: 'alice',
    task_id: randomUUID(),
    data,
  };
  return toCloudEvent(event, { source: '/evolution-todo/conformance' });
}

/** Lets a function answer what the sidecar delivers. */
function answerOf(app: TestApp): Script {
  return async ({ method, headers, body }) => {
    const contentType = headers['content-type'] ?? '';
    const response = await app.request('/events/task-created', {
      method,
      headers: { 'content-type': contentType, 'dapr-api-token': 'app-token' },
      body,
    });
    const answered = Object.fromEntries(response.headers);
    return { status: response.status, headers: answered, body: await response.text() };
  };
}
