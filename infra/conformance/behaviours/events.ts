import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Bench, eventually } from '../bench.ts';
import { cloudEvent, type Delivery, type PublishOptions } from '../topic.ts';

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const OTHER_TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const NO_TRACE = '00-00000000000000000000000000000000-0000000000000000-00';
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** What a published body becomes on its way to the app. */
export function describeEvents(bench: Bench): void {
  const events = bench.topic('events');
  const raw = bench.topic('raw', { metadata: { rawPayload: 'true' } });
  const routed = bench.topic('routed', {
    rules: [{ match: 'event.type == "task.deleted" && event.data.version != 1', path: '/gone' }],
  });
  // Raw, since a dead letter that is read as an event has expired as well.
  const expiring = bench.topic('expiring', { deadLetters: 'raw' });

  /** Publishes a body under a key of its own and resolves to its delivery. */
  async function passed(body: unknown, options: PublishOptions = {}): Promise<Delivery> {
    const key = randomUUID();
    const { status } = await events.publish(body, { key, ...options });
    expect(status).toBe(204);
    return events.delivered(key);
  }

  describe('a delivery', () => {
    it('is a POST of the whole event to the route, with the place of the message and the app token as headers', async () => {
      const { method, headers, event } = await passed(cloudEvent('e1'), { headers: { traceparent: TRACE } });
      expect(method).toBe('POST');
      expect(headers).toMatchObject({
        'content-type': 'application/cloudevents+json',
        pubsubname: events.component,
        traceparent: TRACE,
        partitionkey: headers.__key,
        __topic: events.name,
        __partition: expect.stringMatching(/^[0-2]$/),
        __offset: expect.stringMatching(/^\d+$/),
        __timestamp: expect.stringMatching(/^\d{13}$/),
        'dapr-api-token': 'app-secret',
      });
      expect(event).toMatchObject(cloudEvent('e1'));
    });

    it('carries the key as it is, whatever characters it has', async () => {
      const id = randomUUID();
      await events.publish(cloudEvent(id), { key: 'schlüssel/1' });
      const { headers } = await events.delivered(id);
      expect(Buffer.from(String(headers.__key), 'latin1').toString('utf8')).toBe('schlüssel/1');
    });

    it('carries no app token that a publisher made up', async () => {
      const { headers } = await passed(cloudEvent('e1'), { query: 'metadata.dapr-api-token=forged' });
      expect(headers['dapr-api-token']).toBe('app-secret');
    });

    it('goes to the route of the first rule that matches', async () => {
      const [gone, stays] = [randomUUID(), randomUUID()];
      await routed.publish(cloudEvent(gone, { type: 'task.deleted', data: { version: 2 } }));
      await routed.publish(cloudEvent(stays, { type: 'task.deleted', data: { version: 1 } }));
      await routed.delivered(stays);
      await eventually(() => expect(bench.calls('/gone').map(({ body }) => JSON.parse(body).id)).toEqual([gone]));
      expect(routed.deliveries(gone)).toEqual([]);
    });

    it('does not happen after the time to live: then the event is a dead letter', async () => {
      const [slow, late] = [randomUUID(), randomUUID()];
      expiring.script(slow, async () => {
        await delay(2_100);
        return { status: 200 };
      });
      await expiring.publish(cloudEvent(slow), { key: slow });
      await expiring.publish(cloudEvent(late), { key: slow, query: 'metadata.ttlInSeconds=1' });
      await expiring.deadLettered(late);
      expect(expiring.deliveries(late)).toEqual([]);
    });
  });

  describe('what is published as a CloudEvent', () => {
    it('gets the missing source, type, specversion and time, never an id, and always its topic and component', async () => {
      const { event } = await passed({ data: { a: 1 }, topic: 'wrong', pubsubname: 'wrong', ext: 'kept' });
      expect(event).toEqual({
        data: { a: 1 },
        ext: 'kept',
        source: 'Dapr',
        type: 'com.dapr.event.sent',
        specversion: '1.0',
        time: expect.stringMatching(RFC_3339),
        topic: events.name,
        pubsubname: events.component,
        traceid: '',
        traceparent: '',
        tracestate: '',
      });
    });

    it('keeps what it has, extension attributes and the last digit of a number included', async () => {
      const own = '"id":"e","source":"/s","time":"2020-01-01T00:00:00Z","ourtrace":"t"';
      const { body, event } = await passed(`{${own},"data":{"big":12345678901234567890,"price":1.50}}`);
      expect(event).toMatchObject({ id: 'e', source: '/s', time: '2020-01-01T00:00:00Z', ourtrace: 't' });
      expect(body).toContain('"big":12345678901234567890');
      expect(body).toContain('"price":1.50');
    });

    it('has no key by an attribute named partitionkey', async () => {
      const id = randomUUID();
      await events.publish(cloudEvent(id, { partitionkey: 'k' }));
      expect((await events.delivered(id)).headers).not.toHaveProperty('__key');
    });
  });

  describe("a CloudEvent's trace", () => {
    it('is that of the request: its own traceparent is overwritten', async () => {
      const { event, headers } = await passed(cloudEvent('e', { traceparent: OTHER_TRACE }), {
        headers: { traceparent: TRACE, tracestate: 'a=b' },
      });
      expect(event).toMatchObject({ traceparent: TRACE, traceid: TRACE, tracestate: 'a=b' });
      expect(headers.traceparent).toBe(TRACE);
    });

    it('is empty where the request has none, and delivered as an all-zero one', async () => {
      const { event, headers } = await passed(cloudEvent('e', { traceparent: OTHER_TRACE }));
      expect(event).toMatchObject({ traceparent: '', traceid: '', tracestate: '' });
      expect(headers.traceparent).toBe(NO_TRACE);
    });

    it('is its own where it has a traceid as well', async () => {
      const { event, headers } = await passed(cloudEvent('e', { traceid: OTHER_TRACE, traceparent: OTHER_TRACE }), {
        headers: { traceparent: TRACE },
      });
      expect(event).toMatchObject({ traceid: OTHER_TRACE, traceparent: OTHER_TRACE });
      expect(headers.traceparent).toBe(OTHER_TRACE);
    });
  });

  describe('what is published as anything else', () => {
    it.each<[string, string, string, object]>([
      ['JSON', 'application/json', '{"a":1}', { data: { a: 1 }, datacontenttype: 'application/json' }],
      ['broken JSON', 'application/json', '{"a":', { data: '{"a":', datacontenttype: 'application/json' }],
      ['text', 'text/plain', 'hi', { data: 'hi', datacontenttype: 'text/plain' }],
      ['another media type', 'application/xml', '<a/>', { data: '<a/>', datacontenttype: 'application/xml' }],
      ['bytes', 'application/octet-stream', 'hi', { data_base64: 'aGk=', datacontenttype: 'application/octet-stream' }],
      ['nothing', 'application/json', '', { data: '', datacontenttype: 'application/json' }],
    ])('%s is wrapped', async (_name, contentType, body, expected) => {
      const { event } = await passed(body, { contentType });
      expect(event).toEqual({
        ...expected,
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        source: 'evolution-todo',
        type: 'com.dapr.event.sent',
        specversion: '1.0',
        time: expect.stringMatching(RFC_3339),
        topic: events.name,
        pubsubname: events.component,
        traceid: '',
        traceparent: '',
        tracestate: '',
      });
    });

    it('gets another id with every request', async () => {
      const options = { contentType: 'application/json' };
      const [one, other] = [await passed({ a: 1 }, options), await passed({ a: 1 }, options)];
      expect(one.event.id).not.toBe(other.event.id);
    });

    it('takes its attributes from metadata such as cloudevent.id', async () => {
      const query = 'metadata.cloudevent.id=mine&metadata.cloudevent.type=t&metadata.CloudEvent.Source=s';
      const { event } = await passed({ a: 1 }, { contentType: 'application/json', query });
      expect(event).toMatchObject({ id: 'mine', type: 't', source: 's' });
    });

    it('stays as it is with rawPayload', async () => {
      const { body, headers } = await passed('{"no":"event"}', { query: 'metadata.rawPayload=true' });
      expect(body).toBe('{"no":"event"}');
      expect(headers).not.toHaveProperty('traceparent');
    });

    it('comes wrapped as bytes to a subscription with rawPayload', async () => {
      const key = randomUUID();
      await raw.publish('raw', { key, query: 'metadata.rawPayload=true' });
      const { event } = await raw.delivered(key);
      expect(event).toMatchObject({ data_base64: Buffer.from('raw').toString('base64') });
    });
  });
}
