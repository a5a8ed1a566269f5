import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Bench, eventually } from '../bench.ts';
import { cloudEvent } from '../topic.ts';

const CLOUD_EVENT = 'application/cloudevents+json';
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** Publishing many events in one request. */
export function describeBulk(bench: Bench): void {
  const topic = bench.topic('bulk');

  async function bulk(body: unknown, { query = '', headers = {}, version = 'v1.0', to = topic.name } = {}) {
    const response = await bench.request(`/${version}/publish/bulk/${topic.component}/${to}?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, ...(text && JSON.parse(text)) };
  }

  function entry(id: string, key: string, extra: object = {}) {
    return { entryId: id, event: cloudEvent(id), contentType: CLOUD_EVENT, metadata: { partitionKey: key }, ...extra };
  }
  const idsOf = (key: string) => topic.deliveries(key).map(({ event }) => event.id);
  const three = () => [randomUUID(), randomUUID(), randomUUID()] as const;

  describe('a bulk request', () => {
    it.each(['v1.0', 'v1.0-alpha1'])(
      'publishes its entries in their order, each under its key (%s)',
      async (version) => {
        const [a, b, key] = three();
        expect(await bulk([entry(a, key), entry(b, key)], { version })).toEqual({ status: 204 });
        await eventually(() => expect(idsOf(key)).toEqual([a, b]));
        expect(topic.deliveries(a)[0]?.headers).toMatchObject({ partitionkey: key });
      },
    );

    it('without entries is fine', async () => {
      expect(await bulk([])).toEqual({ status: 204 });
    });

    it('says which entries failed, and publishes those behind them, of the same key too', async () => {
      const [a, b, c] = three();
      const key = randomUUID();
      const tooLarge = entry(b, key, { event: cloudEvent(b, { data: 'x'.repeat(1_100_000) }) });
      expect(await bulk([entry(a, key), tooLarge, entry(c, key)])).toMatchObject({
        status: 500,
        errorCode: 'ERR_PUBSUB_PUBLISH_MESSAGE',
        failedEntries: [{ entryId: b, error: expect.stringContaining('MaxMessageBytes') }],
      });
      await eventually(() => expect(idsOf(key)).toEqual([a, c]));
    });

    it('fails in all entries where the topic does not exist', async () => {
      const [a, b, key] = three();
      const { status, failedEntries } = await bulk([entry(a, key), entry(b, key)], { to: 'missing' });
      expect(status).toBe(500);
      expect(failedEntries.map(({ entryId }: { entryId: string }) => entryId).sort()).toEqual([a, b].sort());
    });

    it('lets its own metadata replace those of the entries', async () => {
      const [id, own, all] = three();
      await bulk([entry(id, own)], { query: `metadata.partitionKey=${all}` });
      expect((await topic.delivered(id)).headers.__key).toBe(all);
    });

    it('has one trace for all entries', async () => {
      const [a, b, key] = three();
      await bulk([entry(a, key), entry(b, key)], { headers: { traceparent: TRACE } });
      for (const id of [a, b]) expect((await topic.delivered(id)).headers.traceparent).toBe(TRACE);
    });

    it('reads field names in any case, and every content type', async () => {
      const [id, key] = three();
      const metadata = { partitionKey: key };
      const entries = [
        { entryID: '1', event: cloudEvent(id), contentType: CLOUD_EVENT, metadata },
        { entryId: '2', event: { n: 1 }, contentType: 'application/json', metadata },
        { entryId: '3', event: 'text', contentType: 'text/plain', metadata },
        { entryId: '4', event: 'aGk=', contentType: 'application/octet-stream', metadata },
      ];
      expect(await bulk(entries)).toEqual({ status: 204 });
      await eventually(() =>
        expect(topic.deliveries(key).map(({ body }) => JSON.parse(body))).toMatchObject([
          { id },
          { data: { n: 1 } },
          { data: 'text' },
          { data_base64: 'aGk=' },
        ]),
      );
    });
  });

  describe('a bulk request is refused as a whole, and nothing is published', () => {
    const key = randomUUID();
    const good = entry('a', key);
    it.each<[string, number, string, unknown]>([
      ['it is not JSON', 400, 'ERR_PUBSUB_EVENTS_SER', '[{"entryId"'],
      ['it is empty', 400, 'ERR_PUBSUB_EVENTS_SER', ''],
      ['it is no list', 400, 'ERR_PUBSUB_EVENTS_SER', { entryId: 'a' }],
      ['an entry has no id', 400, 'ERR_PUBSUB_EVENTS_SER', [good, entry('', key)]],
      ['an id comes twice', 400, 'ERR_PUBSUB_EVENTS_SER', [good, entry('a', key)]],
      ['an entry has no content type', 400, 'ERR_PUBSUB_EVENTS_SER', [good, { entryId: 'b', event: 'x' }]],
      [
        'an event is not what its content type says',
        400,
        'ERR_PUBSUB_EVENTS_SER',
        [good, entry('b', key, { contentType: 'text/plain' })],
      ],
      ['an event is not a CloudEvent', 500, 'ERR_PUBSUB_CLOUD_EVENTS_SER', [good, entry('b', key, { event: 'x' })]],
    ])('when %s', async (_name, status, errorCode, body) => {
      expect(await bulk(body)).toMatchObject({ status, errorCode, message: expect.any(String) });
      // What had been published would be delivered before this one.
      const marker = randomUUID();
      await topic.publish(cloudEvent(marker), { key });
      await topic.delivered(marker);
      expect(topic.deliveries('a')).toEqual([]);
    });
  });
}
