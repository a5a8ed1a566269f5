import { describe, expect, it } from 'vitest';
import { cloudEvent, eventually, type Fixture, PUBSUB, startFixture, subscriptionYaml } from '../testing/fixture.ts';

const FILES = { 'pubsub.yaml': PUBSUB, 'subscription.yaml': subscriptionYaml('tasks') };
const CLOUD_EVENT = 'application/cloudevents+json';

function entry(entryId: string, extra: object = {}) {
  return { entryId, event: cloudEvent(entryId), contentType: CLOUD_EVENT, metadata: { partitionKey: 'k' }, ...extra };
}

async function bulk({ sidecar }: Fixture, body: unknown, { query = '', headers = {}, version = 'v1.0' } = {}) {
  const response = await fetch(`${sidecar.url}/${version}/publish/bulk/taskevents/tasks?${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, ...(text && JSON.parse(text)) };
}

const ids = ({ app }: Fixture) => app.calls().map(({ body }) => JSON.parse(body).id);

describe('a bulk request', () => {
  it.each(['v1.0', 'v1.0-alpha1'])('publishes its entries in their order (%s)', async (version) => {
    const fixture = await startFixture(FILES);
    expect(await bulk(fixture, [entry('a'), entry('b'), entry('c')], { version })).toEqual({ status: 204 });
    await eventually(() => expect(ids(fixture)).toEqual(['a', 'b', 'c']));
    expect(fixture.app.calls()[0]?.headers).toMatchObject({ __key: 'k', partitionkey: 'k' });
  });

  it('without entries is fine', async () => {
    expect(await bulk(await startFixture(FILES), [])).toEqual({ status: 204 });
  });

  it('says which entries failed, and publishes those behind them, of the same key too', async () => {
    const fixture = await startFixture(FILES);
    const tooLarge = entry('b', { event: cloudEvent('b', { data: 'x'.repeat(1_100_000) }) });
    expect(await bulk(fixture, [entry('a'), tooLarge, entry('c')])).toEqual({
      status: 500,
      errorCode: 'ERR_PUBSUB_PUBLISH_MESSAGE',
      failedEntries: [{ entryId: 'b', error: expect.stringContaining('MaxMessageBytes') }],
    });
    await eventually(() => expect(ids(fixture)).toEqual(['a', 'c']));
  });

  it('fails in all entries where the topic does not exist', async () => {
    const fixture = await startFixture(FILES, { topics: [] });
    const { status, failedEntries } = await bulk(fixture, [entry('a'), entry('b')]);
    expect({ status, ids: failedEntries.map(({ entryId }: { entryId: string }) => entryId) }).toEqual({
      status: 500,
      ids: ['a', 'b'],
    });
  });

  it('lets its own metadata replace those of the entries', async () => {
    const fixture = await startFixture(FILES);
    await bulk(fixture, [entry('a')], { query: 'metadata.partitionKey=all' });
    await eventually(() => expect(fixture.app.calls()[0]?.headers.__key).toBe('all'));
  });

  it('has one trace for all entries', async () => {
    const fixture = await startFixture(FILES);
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await bulk(fixture, [entry('a'), entry('b')], { headers: { traceparent } });
    await eventually(() =>
      expect(fixture.app.calls().map(({ headers }) => headers.traceparent)).toEqual([traceparent, traceparent]),
    );
  });

  it('reads field names in any case, and every content type', async () => {
    const fixture = await startFixture(FILES, { partitions: 1 });
    const entries = [
      { entryID: '1', event: cloudEvent('a'), contentType: CLOUD_EVENT },
      { entryId: '2', event: { n: 1 }, contentType: 'application/json' },
      { entryId: '3', event: 'text', contentType: 'text/plain' },
      { entryId: '4', event: 'aGk=', contentType: 'application/octet-stream' },
    ];
    expect(await bulk(fixture, entries)).toEqual({ status: 204 });
    await eventually(() => expect(fixture.app.calls()).toHaveLength(4));
    const events = fixture.app.calls().map(({ body }) => JSON.parse(body));
    expect(events).toMatchObject([{ id: 'a' }, { data: { n: 1 } }, { data: 'text' }, { data_base64: 'aGk=' }]);
  });
});

describe('a bulk request is refused as a whole, and nothing is published', () => {
  it.each<[string, number, string, unknown]>([
    ['it is not JSON', 400, 'ERR_PUBSUB_EVENTS_SER', '[{"entryId"'],
    ['it is empty', 400, 'ERR_PUBSUB_EVENTS_SER', ''],
    ['it is no list', 400, 'ERR_PUBSUB_EVENTS_SER', { entryId: 'a' }],
    ['an entry has no id', 400, 'ERR_PUBSUB_EVENTS_SER', [entry('a'), entry('')]],
    ['an id comes twice', 400, 'ERR_PUBSUB_EVENTS_SER', [entry('a'), entry('a')]],
    ['an entry has no content type', 400, 'ERR_PUBSUB_EVENTS_SER', [entry('a'), { entryId: 'b', event: 'x' }]],
    [
      'an event is not what its content type says',
      400,
      'ERR_PUBSUB_EVENTS_SER',
      [entry('a'), entry('b', { contentType: 'text/plain' })],
    ],
    ['an event is not a CloudEvent', 500, 'ERR_PUBSUB_CLOUD_EVENTS_SER', [entry('a'), entry('b', { event: 'x' })]],
  ])('when %s', async (_name, status, errorCode, body) => {
    const fixture = await startFixture({ 'pubsub.yaml': PUBSUB });
    expect(await bulk(fixture, body)).toMatchObject({ status, errorCode, message: expect.any(String) });
    expect(fixture.sidecar.messages('tasks')).toEqual([]);
  });
});
