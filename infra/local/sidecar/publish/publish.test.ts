import { describe, expect, it } from 'vitest';
import { APP_ID } from '../testing/appId.ts';
import { cloudEvent, eventually, type Fixture, PUBSUB, startFixture, subscriptionYaml } from '../testing/fixture.ts';

const FILES = { 'pubsub.yaml': PUBSUB, 'subscription.yaml': subscriptionYaml('tasks') };
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const NO_TRACE = '00-00000000000000000000000000000000-0000000000000000-00';

async function delivered({ app }: Fixture) {
  const [call] = await eventually(() => {
    const calls = app.calls('/events/tasks');
    expect(calls.length).toBeGreaterThan(0);
    return calls;
  });
  return { headers: call?.headers ?? {}, text: call?.body ?? '', event: JSON.parse(call?.body ?? '') };
}

describe('a delivery', () => {
  it('is a POST of the whole event to the route, with the headers that daprd sends on Kafka', async () => {
    const now = new Date('2026-03-01T12:00:00.123Z');
    const fixture = await startFixture(FILES, { now: () => now });
    await fixture.publish('tasks', cloudEvent('e1'), { key: 'task-7', headers: { traceparent: TRACE } });
    const { headers, event } = await delivered(fixture);
    expect(headers).toMatchObject({
      'content-type': 'application/cloudevents+json',
      pubsubname: 'taskevents',
      traceparent: TRACE,
      partitionkey: 'task-7',
      __key: 'task-7',
      __topic: 'tasks',
      __partition: expect.stringMatching(/^[0-7]$/),
      __offset: '0',
      __timestamp: String(now.getTime()),
    });
    expect(event).toMatchObject(cloudEvent('e1'));
    expect(fixture.app.calls()[0]?.method).toBe('POST');
  });

  it('carries no token when the app has none, and the app token when it has one', async () => {
    const without = await startFixture(FILES);
    await without.publish('tasks', cloudEvent('e1'), { query: 'metadata.dapr-api-token=forged' });
    expect((await delivered(without)).headers).not.toHaveProperty('dapr-api-token');

    const secured = await startFixture(FILES, { appToken: 'app-secret' });
    await secured.publish('tasks', cloudEvent('e1'), { query: 'metadata.dapr-api-token=forged' });
    expect((await delivered(secured)).headers['dapr-api-token']).toBe('app-secret');
  });

  it('gives the key as it is, whatever characters it has', async () => {
    const fixture = await startFixture(FILES);
    await fixture.publish('tasks', cloudEvent('e1'), { key: 'schlüssel/1' });
    const { headers } = await delivered(fixture);
    expect(Buffer.from(String(headers.__key), 'latin1').toString('utf8')).toBe('schlüssel/1');
  });

  it('goes to the route of the first rule that matches', async () => {
    const yaml = subscriptionYaml('tasks').replace(
      '{ default: /events/tasks }',
      `{ rules: [{ match: 'event.type == "task.deleted" && event.data.version != 1', path: /gone }], default: /events/tasks }`,
    );
    const { app, publish } = await startFixture({ 'pubsub.yaml': PUBSUB, 'subscription.yaml': yaml });
    await publish('tasks', cloudEvent('a', { type: 'task.deleted', data: { version: 2 } }));
    await publish('tasks', cloudEvent('b', { type: 'task.deleted', data: { version: 1 } }));
    await eventually(() => expect(app.calls()).toHaveLength(2));
    expect(JSON.parse(app.calls('/gone')[0]?.body ?? '').id).toBe('a');
    expect(JSON.parse(app.calls('/events/tasks')[0]?.body ?? '').id).toBe('b');
  });

  it('does not happen after the time to live', async () => {
    let now = new Date('2026-03-01T12:00:00Z');
    const fixture = await startFixture(FILES, { now: () => now });
    fixture.app.answer('/events/tasks', () => {
      now = new Date('2026-03-01T12:01:00Z');
      return { status: 200 };
    });
    await fixture.publish('tasks', cloudEvent('moves the clock'), { key: 'k' });
    await fixture.publish('tasks', cloudEvent('late'), { key: 'k', query: 'metadata.ttlInSeconds=5' });
    await eventually(() => expect(fixture.ofKind('dropped')).toHaveLength(1));
    expect(fixture.app.calls()).toHaveLength(1);
  });
});

describe('what is published as a CloudEvent', () => {
  it('gets the missing source, type, specversion and time, never an id, and always topic and pubsubname', async () => {
    const fixture = await startFixture(FILES, { now: () => new Date('2026-03-01T12:00:00Z') });
    await fixture.publish('tasks', { data: { a: 1 }, topic: 'wrong', pubsubname: 'wrong', ext: 'kept' });
    expect((await delivered(fixture)).event).toEqual({
      data: { a: 1 },
      ext: 'kept',
      source: 'Dapr',
      type: 'com.dapr.event.sent',
      specversion: '1.0',
      time: '2026-03-01T12:00:00Z',
      topic: 'tasks',
      pubsubname: 'taskevents',
      traceid: '',
      traceparent: '',
      tracestate: '',
    });
  });

  it('keeps what it has, numbers to their last digit', async () => {
    const fixture = await startFixture(FILES);
    await fixture.publish(
      'tasks',
      '{"id":"e","big":12345678901234567890,"price":1.50,"source":"/s","time":"2020-01-01T00:00:00Z"}',
    );
    const { text } = await delivered(fixture);
    expect(text).toContain('"big":12345678901234567890,');
    expect(text).toContain('"price":1.50,');
    expect(JSON.parse(text)).toMatchObject({ id: 'e', source: '/s', time: '2020-01-01T00:00:00Z' });
  });

  it('loses its own traceparent to the one of the request', async () => {
    const fixture = await startFixture(FILES);
    const headers = { traceparent: TRACE, tracestate: 'a=b' };
    await fixture.publish('tasks', cloudEvent('e', { traceparent: 'own' }), { headers });
    const { event } = await delivered(fixture);
    expect(event).toMatchObject({ traceparent: TRACE, traceid: TRACE, tracestate: 'a=b' });
  });

  it('loses its own traceparent to an empty one where the request has none, and is delivered with an all-zero one', async () => {
    const fixture = await startFixture(FILES);
    await fixture.publish('tasks', cloudEvent('e', { traceparent: TRACE }));
    const { event, headers } = await delivered(fixture);
    expect(event).toMatchObject({ traceparent: '', traceid: '', tracestate: '' });
    expect(headers.traceparent).toBe(NO_TRACE);
  });

  it('keeps traceid and traceparent when it has both', async () => {
    const fixture = await startFixture(FILES);
    await fixture.publish('tasks', cloudEvent('e', { traceid: TRACE, traceparent: TRACE }));
    expect((await delivered(fixture)).event).toMatchObject({ traceid: TRACE, traceparent: TRACE });
  });

  it('has no key by an attribute named partitionkey', async () => {
    const fixture = await startFixture(FILES);
    await fixture.publish('tasks', cloudEvent('e', { partitionkey: 'k' }));
    expect((await delivered(fixture)).headers).not.toHaveProperty('__key');
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
    const fixture = await startFixture(FILES);
    expect((await fixture.publish('tasks', body, { contentType })).status).toBe(204);
    expect((await delivered(fixture)).event).toMatchObject({
      ...expected,
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      source: APP_ID,
      type: 'com.dapr.event.sent',
      specversion: '1.0',
      topic: 'tasks',
      pubsubname: 'taskevents',
    });
  });

  it('gets another id with every request', async () => {
    const fixture = await startFixture(FILES);
    for (let n = 0; n < 2; n += 1) await fixture.publish('tasks', { a: 1 }, { contentType: 'application/json' });
    await eventually(() => expect(fixture.app.calls()).toHaveLength(2));
    expect(new Set(fixture.app.calls().map(({ body }) => JSON.parse(body).id)).size).toBe(2);
  });

  it('takes its attributes from metadata such as cloudevent.id', async () => {
    const fixture = await startFixture(FILES);
    const query = 'metadata.cloudevent.id=mine&metadata.cloudevent.type=t&metadata.CloudEvent.Source=s';
    await fixture.publish('tasks', { a: 1 }, { contentType: 'application/json', query });
    expect((await delivered(fixture)).event).toMatchObject({ id: 'mine', type: 't', source: 's' });
  });

  it('stays as it is with rawPayload', async () => {
    const fixture = await startFixture(FILES);
    await fixture.publish('tasks', '{"no":"event"}', { query: 'metadata.rawPayload=true' });
    const { text, headers } = await delivered(fixture);
    expect(text).toBe('{"no":"event"}');
    expect(headers).not.toHaveProperty('traceparent');
  });

  it('comes wrapped as bytes to a subscription with rawPayload', async () => {
    const yaml = subscriptionYaml('tasks', 'metadata: { rawPayload: "true" }');
    const fixture = await startFixture({ 'pubsub.yaml': PUBSUB, 'subscription.yaml': yaml });
    await fixture.publish('tasks', 'raw', { query: 'metadata.rawPayload=true' });
    expect((await delivered(fixture)).event).toMatchObject({ data_base64: Buffer.from('raw').toString('base64') });
  });
});

describe('the order of events', () => {
  it('is kept for a key, and keys are spread over the partitions', async () => {
    const { app, publish } = await startFixture(FILES, { partitions: 4 });
    for (let n = 0; n < 60; n += 1) await publish('tasks', cloudEvent(`${n}`), { key: `key-${n % 6}` });
    await eventually(() => expect(app.calls()).toHaveLength(60));
    for (let key = 0; key < 6; key += 1) {
      const calls = app.calls().filter(({ headers }) => headers.__key === `key-${key}`);
      const ids = calls.map(({ body }) => Number(JSON.parse(body).id));
      expect(ids).toEqual(Array.from({ length: 10 }, (_, n) => key + 6 * n));
      expect(new Set(calls.map(({ headers }) => headers.__partition)).size).toBe(1);
    }
    expect(new Set(app.calls().map(({ headers }) => headers.__partition)).size).toBeGreaterThan(1);
  });

  it('has one message at a time in work in each partition', async () => {
    let inWork = 0;
    let most = 0;
    const { app, publish } = await startFixture(FILES, { partitions: 1 });
    app.answer('/events/tasks', async () => {
      most = Math.max(most, ++inWork);
      await new Promise((resolve) => setTimeout(resolve, 2));
      inWork -= 1;
      return { status: 200 };
    });
    await Promise.all(Array.from({ length: 20 }, (_, n) => publish('tasks', cloudEvent(`${n}`))));
    await eventually(() => expect(app.calls()).toHaveLength(20));
    expect(most).toBe(1);
  });
});

describe('publishing is refused', () => {
  async function refusal(response: Promise<Response>) {
    const answer = await response;
    return { status: answer.status, ...((await answer.json()) as object) };
  }

  it('with 404 where there is no such component', async () => {
    const { sidecar } = await startFixture(FILES);
    const answer = fetch(`${sidecar.url}/v1.0/publish/nope/tasks`, { method: 'POST', body: '{}' });
    expect(await refusal(answer)).toEqual({
      status: 404,
      errorCode: 'ERR_PUBSUB_NOT_FOUND',
      message: 'pubsub nope is not found',
    });
  });

  it.each([
    ['publishingScopes', 'evolution-todo=tasks'],
    ['allowedTopics', 'tasks'],
    ['protectedTopics', 'other'],
  ])('with 403 where %s keep the app from the topic', async (name, value) => {
    const pubsub = PUBSUB.replace('metadata: [', `metadata: [{ name: ${name}, value: "${value}" }, `);
    const { publish } = await startFixture({ ...FILES, 'pubsub.yaml': pubsub });
    expect((await publish('tasks', cloudEvent('e'))).status).toBe(204);
    expect(await refusal(publish('other', cloudEvent('e')))).toEqual({
      status: 403,
      errorCode: 'ERR_PUBSUB_FORBIDDEN',
      message: 'topic other is not allowed for app id evolution-todo',
    });
  });

  it('with 500 where the topic does not exist', async () => {
    const { publish } = await startFixture(FILES, { topics: ['tasks'] });
    expect(await refusal(publish('other', cloudEvent('e')))).toMatchObject({
      status: 500,
      errorCode: 'ERR_PUBSUB_PUBLISH_MESSAGE',
      message: expect.stringContaining('topic other in pubsub taskevents'),
    });
  });

  it('with 500 where the event is larger than maxMessageBytes', async () => {
    const { publish } = await startFixture(FILES);
    expect((await publish('tasks', cloudEvent('e', { data: 'x'.repeat(1_000_000) }))).status).toBe(204);
    expect(await refusal(publish('tasks', cloudEvent('e', { data: 'x'.repeat(1_100_000) })))).toMatchObject({
      status: 500,
      errorCode: 'ERR_PUBSUB_PUBLISH_MESSAGE',
    });
  });

  it('with 500 where the body is larger than 4 MiB', async () => {
    const { publish } = await startFixture(FILES);
    expect(
      await refusal(publish('tasks', 'x'.repeat(4 * 1024 * 1024 + 1), { contentType: 'text/plain' })),
    ).toMatchObject({
      status: 500,
      message: 'error when publishing to topic tasks in pubsub taskevents: stream too large',
    });
  });

  it.each(['{"id":', '[1]', 'null', '', '"text"'])(
    'with 500 where a CloudEvent was announced and %j came',
    async (body) => {
      const { publish, sidecar } = await startFixture(FILES);
      expect(await refusal(publish('tasks', body))).toEqual({
        status: 500,
        errorCode: 'ERR_PUBSUB_CLOUD_EVENTS_SER',
        message: 'cannot create cloudevent',
      });
      expect(sidecar.messages('tasks')).toEqual([]);
    },
  );

  it('with 400 where rawPayload is not a boolean', async () => {
    const { publish } = await startFixture(FILES);
    expect(await refusal(publish('tasks', '{}', { query: 'metadata.rawPayload=maybe' }))).toMatchObject({
      status: 400,
      errorCode: 'ERR_PUBSUB_REQUEST_METADATA',
    });
  });
});
