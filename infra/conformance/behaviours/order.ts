import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Bench, eventually } from '../bench.ts';
import { cloudEvent, type Delivery, type Topic } from '../topic.ts';

/** In which order events are delivered, and what waits for what. */
export function describeOrder(bench: Bench): void {
  const ordered = bench.topic('ordered');
  const single = bench.topic('one-at-a-time');
  const stuck = bench.topic('stuck', { component: 'slow' });
  const besides = bench.topic('besides', { component: 'slow' });

  describe('the order of events', () => {
    it('is kept for a key, whose events are all in one partition; keys are spread over several', async () => {
      const keys = Array.from({ length: 8 }, () => randomUUID());
      for (let n = 0; n < 5; n += 1) {
        await Promise.all(keys.map((key) => ordered.publish(cloudEvent(randomUUID(), { n }), { key })));
      }
      const ofKeys = await eventually(() => {
        const deliveries = keys.map((key) => ordered.deliveries(key));
        for (const ofKey of deliveries) expect(ofKey).toHaveLength(5);
        return deliveries;
      });
      for (const ofKey of ofKeys) {
        expect(ofKey.map(({ event }) => event.n)).toEqual([0, 1, 2, 3, 4]);
        expect(partitionsOf(ofKey).size).toBe(1);
      }
      expect(partitionsOf(ofKeys.flat()).size).toBeGreaterThan(1);
    });

    it('is kept by giving the app one event of a partition at a time', async () => {
      const key = randomUUID();
      let inWork = 0;
      let most = 0;
      const ids = Array.from({ length: 10 }, () => randomUUID());
      for (const id of ids) {
        single.script(id, async () => {
          most = Math.max(most, ++inWork);
          await delay(5);
          inWork -= 1;
          return { status: 200 };
        });
      }
      await Promise.all(ids.map((id) => single.publish(cloudEvent(id), { key })));
      await eventually(() => expect(single.deliveries(key)).toHaveLength(10));
      expect(most).toBe(1);
    });
  });

  it('an event that waits for its next try holds up its partition, no other one, and no other topic', async () => {
    const [key, elsewhere] = await keysOfTwoPartitions(stuck);
    const [failing, behind, free, other] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    stuck.script(failing, () => ({ status: 503 }));
    await stuck.publish(cloudEvent(failing), { key });
    await stuck.delivered(failing);
    await stuck.publish(cloudEvent(behind), { key });
    await stuck.publish(cloudEvent(free), { key: elsewhere });
    await besides.publish(cloudEvent(other), { key });
    await stuck.delivered(free);
    await besides.delivered(other);
    await stuck.settled(elsewhere);
    expect(stuck.deliveries(behind)).toEqual([]);
  });
}

function partitionsOf(deliveries: readonly Delivery[]): Set<unknown> {
  return new Set(deliveries.map(({ headers }) => headers.__partition));
}

/** Where a key belongs is the sidecar's own choice, so it is asked by publishing. */
async function keysOfTwoPartitions(topic: Topic): Promise<[string, string]> {
  const keys = Array.from({ length: 12 }, () => randomUUID());
  await Promise.all(keys.map((key) => topic.publish(cloudEvent(randomUUID()), { key })));
  const deliveries = await Promise.all(keys.map((key) => topic.delivered(key)));
  const [one = ''] = keys;
  const other = keys.find((_key, n) => deliveries[n]?.headers.__partition !== deliveries[0]?.headers.__partition);
  if (!other) throw new Error('all keys are in one partition');
  return [one, other];
}
