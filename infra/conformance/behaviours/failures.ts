import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Bench, eventually } from '../bench.ts';
import { ROUND_MS } from '../resources.ts';
import { cloudEvent, type Delivery } from '../topic.ts';

const fails = () => ({ status: 503 });

/** What becomes of an event that fails, by its policy and its dead-letter topic. */
export function describeFailures(bench: Bench): void {
  const bare = bench.topic('bare', { component: 'bare', deadLetters: true });
  const misplaced = bench.topic('misplaced', { component: 'misplaced', deadLetters: true });
  const patient = bench.topic('patient', { component: 'patient', deadLetters: true });
  const kept = bench.topic('kept', { deadLetters: true });
  const keptRaw = bench.topic('kept-raw', { deadLetters: 'raw' });
  const endless = bench.topic('endless', { component: 'bare' });

  describe('an event that fails', () => {
    it('is a dead letter after the first failure where its component has no policy, whatever its app has', async () => {
      expect(await bare.outcomeOf(fails)).toEqual({ deliveries: 1, deadLetters: 1 });
    });

    it('is a dead letter after the first failure where the Resiliency is not alone in its file', async () => {
      expect(await misplaced.outcomeOf(fails)).toEqual({ deliveries: 1, deadLetters: 1 });
    });

    it('is delivered as often as an exponential policy says, after half a second and then half as much again, each give or take half', async () => {
      const id = randomUUID();
      patient.script(id, fails);
      await patient.publish(cloudEvent(id), { key: id });
      await patient.deadLettered(id);
      const times = patient.deliveries(id).map(({ at }) => at);
      expect(times).toHaveLength(3);
      const [first = 0, second = 0, third = 0] = times;
      // A timer may be early by less than a millisecond; late it may be by any time.
      expect(second - first).toBeGreaterThan(249);
      expect(third - second).toBeGreaterThan(374);
    });

    it('comes round for ever, and holds up those behind it, where it has no dead-letter topic', async () => {
      const id = randomUUID();
      let fail = true;
      endless.script(id, () => ({ status: fail ? 500 : 200 }));
      await endless.publish(cloudEvent(id), { key: id });
      const behind = randomUUID();
      await endless.publish(cloudEvent(behind), { key: id });
      await eventually(() => expect(endless.deliveries(id).length).toBeGreaterThan(2));
      const [first = 0, second = 0] = endless.deliveries(id).map(({ at }) => at);
      expect(second - first).toBeGreaterThan(ROUND_MS - 1);
      expect(endless.deliveries(behind)).toEqual([]);
      fail = false;
      await endless.delivered(behind);
    });
  });

  describe('a dead letter', () => {
    it('is the event as it was delivered, and names the place where it was first', async () => {
      const id = randomUUID();
      kept.script(id, fails);
      await kept.publish(cloudEvent(id, { ext: 'kept' }), { key: 'a key' });
      const dead = await kept.deadLettered(id);
      const delivered = await kept.delivered(id);
      expect(dead.event).toEqual(delivered.event);
      expect(dead.event).toMatchObject({ ext: 'kept', topic: kept.name });
      expect(dead.headers).toMatchObject(placeOf(delivered));
    });

    it('comes as bytes in a CloudEvent to a subscription with rawPayload', async () => {
      const id = randomUUID();
      keptRaw.script(id, () => ({ status: 404 }));
      await keptRaw.publish(cloudEvent(id), { key: id });
      const dead = await keptRaw.deadLettered(id);
      expect(dead.event).toMatchObject({ ...cloudEvent(id), topic: keptRaw.name });
      expect(JSON.parse(dead.body)).toEqual({
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        specversion: '1.0',
        type: 'com.dapr.event.sent',
        source: 'Dapr',
        datacontenttype: 'application/octet-stream',
        data_base64: expect.any(String),
        topic: `${keptRaw.name}.dead`,
        pubsubname: keptRaw.component,
      });
      expect(dead.headers).toMatchObject(placeOf(await keptRaw.delivered(id)));
    });

    it('is also what no CloudEvent can be made of, which the app is never given', async () => {
      const key = randomUUID();
      await keptRaw.publish('no json', { key, query: 'metadata.rawPayload=true' });
      const { event } = await keptRaw.deadLettered(key);
      expect(event.data_base64).toBe(Buffer.from('no json').toString('base64'));
      expect(keptRaw.deliveries(key)).toEqual([]);
    });
  });
}

function placeOf({ headers }: Delivery) {
  const { __key, __topic, __partition, __offset, __timestamp } = headers;
  return { __key, __topic, __partition, __offset, __timestamp };
}
