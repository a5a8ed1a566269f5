import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Bench, eventually } from '../bench.ts';
import { ROUND_MS } from '../resources.ts';
import type { Implementation } from '../subject.ts';
import { cloudEvent, type Topic } from '../topic.ts';

/** What happens while the sidecar or the app is away. The tests build on each other, on one sidecar without tokens. */
export function describeRestarts(bench: Bench, implementation: () => Implementation): void {
  const early = bench.topic('early');
  const refused = bench.topic('refused');
  const running = bench.topic('running', { component: 'slow', deadLetters: true });
  const waiting = bench.topic('waiting', { component: 'slow', deadLetters: true });
  const finishing = bench.topic('finishing', { component: 'slow', deadLetters: true });

  describe('while the app has not listened yet', () => {
    const id = randomUUID();
    beforeAll(() => bench.startWithoutApp(implementation()));

    it('the sidecar is not well, and takes events', async () => {
      const health = await bench.request('/v1.0/healthz');
      expect([health.status, await health.json()]).toEqual([
        500,
        { errorCode: 'ERR_HEALTH_NOT_READY', message: expect.stringContaining('dapr is not ready') },
      ]);
      await eventually(async () => expect((await early.publish(cloudEvent(id), { key: id })).status).toBe(204));
    });

    it('what is published waits for it: initialOffset is oldest', async () => {
      await bench.app().reopen();
      const { headers } = await early.delivered(id);
      expect(headers).not.toHaveProperty('dapr-api-token');
      expect((await bench.request('/v1.0/healthz')).status).toBe(204);
      await bench.warmUp();
    });
  });

  it('an app that refuses connections gets its events when it is back', async () => {
    const ids = Array.from({ length: 5 }, () => randomUUID());
    await bench.app().close();
    for (const id of ids) expect((await refused.publish(cloudEvent(id), { key: 'k' })).status).toBe(204);
    // Some rounds of tries, behind any of which a consumer could give up.
    await delay(4 * ROUND_MS);
    await bench.app().reopen();
    for (const id of ids) await refused.delivered(id);
    const order = refused.deliveries('k').map(({ event }) => event.id);
    expect([...new Set(order)].slice(-5)).toEqual(ids);
  });

  describe('a sidecar that is stopped while events are under way', () => {
    let ids: UnderWay;
    beforeAll(async () => {
      ids = await underWay({ running, waiting, finishing });
      await bench.subject().stop();
      await bench.subject().start();
    });

    it('lets a delivery end that does so in time, and then it is done', async () => {
      await finishing.settled(ids.finishing);
      expect(finishing.deliveries(ids.finishing)).toHaveLength(1);
    });

    it('delivers again what waited for its next try (components-contrib#3529, dapr#7799: it was lost)', async () => {
      await deliveredAgain(waiting, ids.waiting);
    });

    it('delivers again what was cut off (components-contrib#3529, dapr#7799: it was lost)', async () => {
      await deliveredAgain(running, ids.running);
    });
  });

  describe('a sidecar that is killed while events are under way', () => {
    let ids: UnderWay;
    let killedAt: number;
    beforeAll(async () => {
      ids = await underWay({ running, waiting, finishing });
      await bench.subject().kill();
      killedAt = performance.now();
      await bench.subject().start();
    });

    it('delivers again what waited for its next try, once it no longer counts as a member of its group', async () => {
      await deliveredAgain(waiting, ids.waiting);
      const again = waiting.deliveries(ids.waiting).find(({ at }) => at > killedAt);
      expect((again?.at ?? 0) - killedAt).toBeGreaterThan(implementation().restAfterKillMs);
    });

    it('delivers again what was being delivered', async () => {
      await deliveredAgain(running, ids.running);
    });
  });

  async function deliveredAgain(topic: Topic, id: string): Promise<void> {
    await eventually(() => expect(topic.deliveries(id).length).toBeGreaterThan(1));
    await topic.settled(id);
    expect(topic.deadLetters(id)).toEqual([]);
  }
}

/** Ids, and keys, of events that are under way. */
interface UnderWay {
  running: string;
  waiting: string;
  finishing: string;
}

/** Publishes an event that is never answered, one that fails at first, and one that takes a while. */
async function underWay(topics: Record<keyof UnderWay, Topic>): Promise<UnderWay> {
  const ids: UnderWay = { running: randomUUID(), waiting: randomUUID(), finishing: randomUUID() };
  topics.running.script(ids.running, (_delivery, earlier) => (earlier === 0 ? undefined : { status: 200 }));
  topics.waiting.script(ids.waiting, (_delivery, earlier) => ({ status: earlier === 0 ? 503 : 200 }));
  topics.finishing.script(ids.finishing, async () => {
    await delay(500);
    return { status: 200 };
  });
  for (const kind of ['running', 'waiting', 'finishing'] as const) {
    await topics[kind].publish(cloudEvent(ids[kind]), { key: ids[kind] });
    await topics[kind].delivered(ids[kind]);
  }
  return ids;
}
