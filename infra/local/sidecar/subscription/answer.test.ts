import { describe, expect, it } from 'vitest';
import {
  cloudEvent,
  eventually,
  type Fixture,
  PUBSUB,
  RESILIENCY,
  startFixture,
  subscriptionYaml,
} from '../testing/fixture.ts';
import type { AppAnswer } from '../testing/recordingApp.ts';

const WITH_DEAD_LETTER = subscriptionYaml('tasks', 'deadLetterTopic: tasks.dead');
const WITHOUT_DEAD_LETTER = subscriptionYaml('tasks');

async function start(subscription: string, resiliency = RESILIENCY): Promise<Fixture> {
  return startFixture({ 'pubsub.yaml': PUBSUB, 'resiliency.yaml': resiliency, 'subscription.yaml': subscription });
}

/** Publishes an event that the app answers like this, and one of the same key behind it that it takes. */
async function deliver(
  fixture: Fixture,
  answer: AppAnswer | undefined,
): Promise<{ tries: number; deadLetters: string[] }> {
  const { app, publish, sidecar } = fixture;
  app.answer('/events/tasks', ({ body }) => (JSON.parse(body).id === 'first' ? answer : { status: 200 }));
  await publish('tasks', cloudEvent('first'), { key: 'k' });
  await publish('tasks', cloudEvent('behind'), { key: 'k' });
  const ids = () => app.calls('/events/tasks').map(({ body }) => JSON.parse(body).id);
  await eventually(() => expect(ids()).toContain('behind'));
  return {
    tries: ids().filter((id) => id === 'first').length,
    deadLetters: sidecar.messages('tasks.dead').map(({ payload }) => JSON.parse(payload.toString()).id),
  };
}

const json = { 'content-type': 'application/json' };

describe('an event is done with when the app answers', () => {
  it.each<[string, AppAnswer]>([
    ['2xx with an empty body', { status: 200 }],
    ['204', { status: 204 }],
    ['another 2xx', { status: 299 }],
    ['{}', { status: 200, body: '{}', headers: json }],
    ['{"status":"SUCCESS"}', { status: 200, body: '{"status":"SUCCESS"}', headers: json }],
    ['an empty status', { status: 200, body: '{"status":""}', headers: json }],
    ['a status that is no string', { status: 200, body: '{"status":7}', headers: json }],
    ['a JSON body that is no object', { status: 200, body: '"RETRY"', headers: json }],
    ['a body that is not JSON', { status: 200, body: 'RETRY' }],
  ])('%s', async (_name, answer) => {
    const fixture = await start(WITH_DEAD_LETTER);
    expect(await deliver(fixture, answer)).toEqual({ tries: 1, deadLetters: [] });
    expect(fixture.ofKind('retrying')).toEqual([]);
  });
});

describe('an event is delivered again, and goes to the dead-letter topic in the end, when the app answers', () => {
  it.each<[string, AppAnswer]>([
    ['{"status":"RETRY"}', { status: 200, body: '{"status":"RETRY"}', headers: json }],
    ['RETRY under a name in another case', { status: 200, body: '{"Status":"RETRY"}', headers: json }],
    ['an unknown status, such as that of a domain object', { status: 200, body: '{"status":"open"}', headers: json }],
    ['500', { status: 500 }],
    ['503', { status: 503 }],
    ['400', { status: 400 }],
    ['a redirect, which is not followed', { status: 307, headers: { location: '/elsewhere' } }],
    ['304', { status: 304 }],
  ])('%s', async (_name, answer) => {
    const fixture = await start(WITH_DEAD_LETTER);
    expect(await deliver(fixture, answer)).toEqual({ tries: 4, deadLetters: ['first'] });
    expect(fixture.app.calls('/elsewhere')).toEqual([]);
  });

  it('nothing within the timeout of the policy', async () => {
    const fixture = await start(WITH_DEAD_LETTER, RESILIENCY.replace('5s', '200ms'));
    expect(await deliver(fixture, undefined)).toEqual({ tries: 4, deadLetters: ['first'] });
    expect(fixture.ofKind('retrying')[0]?.reason).toBe('no answer within 200 ms');
  });
});

describe('an event that the app refuses', () => {
  it.each<[string, AppAnswer]>([
    ['{"status":"DROP"}', { status: 200, body: '{"status":"DROP"}', headers: json }],
    ['404', { status: 404 }],
  ])('with %s goes to the dead-letter topic without a further try', async (_name, answer) => {
    expect(await deliver(await start(WITH_DEAD_LETTER), answer)).toEqual({ tries: 1, deadLetters: ['first'] });
  });

  it.each<[string, AppAnswer]>([
    ['{"status":"DROP"}', { status: 200, body: '{"status":"DROP"}', headers: json }],
    ['404', { status: 404 }],
  ])('with %s is lost where there is no dead-letter topic', async (_name, answer) => {
    const fixture = await start(WITHOUT_DEAD_LETTER);
    expect(await deliver(fixture, answer)).toEqual({ tries: 1, deadLetters: [] });
    expect(fixture.ofKind('dropped')).toMatchObject([{ event: { eventId: 'first' } }]);
  });
});

describe('the way of an event that fails', () => {
  it('ends in the dead-letter topic after the first failure when there is no policy', async () => {
    const fixture = await startFixture({ 'pubsub.yaml': PUBSUB, 'subscription.yaml': WITH_DEAD_LETTER });
    expect(await deliver(fixture, { status: 503 })).toEqual({ tries: 1, deadLetters: ['first'] });
  });

  it('goes round for ever, blocking its partition, when there is no dead-letter topic', async () => {
    const { app, publish, ofKind } = await startFixture({
      'pubsub.yaml': PUBSUB,
      'subscription.yaml': WITHOUT_DEAD_LETTER,
    });
    app.answer('/events/tasks', () => ({ status: 500 }));
    await publish('tasks', cloudEvent('first'), { key: 'k' });
    await publish('tasks', cloudEvent('behind'), { key: 'k' });
    await eventually(() => expect(app.calls().length).toBeGreaterThan(5));
    expect(new Set(app.calls().map(({ body }) => JSON.parse(body).id))).toEqual(new Set(['first']));
    expect(ofKind('retrying')[0]).toMatchObject({ attempt: 1, inMs: 20, reason: 'the app answered 500' });
  });

  it('is five seconds long between rounds when the component says nothing else', async () => {
    const component = PUBSUB.replace('backOffDuration', 'somethingElse');
    const { app, publish, ofKind } = await startFixture({
      'pubsub.yaml': component,
      'subscription.yaml': WITHOUT_DEAD_LETTER,
    });
    app.answer('/events/tasks', () => ({ status: 500 }));
    await publish('tasks', cloudEvent('first'));
    await eventually(() => expect(ofKind('retrying')).toMatchObject([{ inMs: 5_000 }]));
  });

  it('holds up neither other partitions nor other topics', async () => {
    const { app, publish } = await startFixture({
      'pubsub.yaml': PUBSUB,
      'subscription.yaml': WITHOUT_DEAD_LETTER,
      'other.yaml': subscriptionYaml('others'),
    });
    app.answer('/events/tasks', ({ body }) => ({ status: JSON.parse(body).id === 'stuck' ? 500 : 200 }));
    await publish('tasks', cloudEvent('stuck'), { key: 'a' });
    await eventually(() => expect(app.calls('/events/tasks').length).toBeGreaterThan(1));
    await publish('tasks', cloudEvent('free'), { key: 'b' });
    await publish('others', cloudEvent('other'), { key: 'a' });
    await eventually(() => {
      expect(app.calls('/events/others')).toHaveLength(1);
      expect(app.calls('/events/tasks').map(({ body }) => JSON.parse(body).id)).toContain('free');
    });
  });

  it('leads to the dead-letter topic as the original event, its topic, key and partition kept', async () => {
    const fixture = await start(WITH_DEAD_LETTER);
    await deliver(fixture, { status: 500 });
    const [dead] = fixture.sidecar.messages('tasks.dead');
    expect(dead).toMatchObject({ key: 'k', partition: Number(fixture.app.calls()[0]?.headers.__partition) });
    expect(JSON.parse(dead?.payload.toString() ?? '')).toMatchObject({ id: 'first', topic: 'tasks' });
  });

  it('goes on, and nothing is lost, while the dead-letter topic does not exist', async () => {
    const files = { 'pubsub.yaml': PUBSUB, 'subscription.yaml': WITH_DEAD_LETTER };
    const { app, publish, ofKind } = await startFixture(files, { topics: ['tasks'] });
    app.answer('/events/tasks', (_call, earlier) => ({ status: earlier < 3 ? 500 : 200 }));
    await publish('tasks', cloudEvent('first'));
    await eventually(() => expect(ofKind('delivered')).toHaveLength(1));
    expect(ofKind('retrying')[0]?.reason).toContain("can't be put into tasks.dead");
  });

  it('is the same for an event that is not JSON: to the dead-letter topic, and never to the app', async () => {
    const fixture = await start(WITH_DEAD_LETTER);
    await fixture.publish('tasks', 'no json', { query: 'metadata.rawPayload=true' });
    await eventually(() => expect(fixture.sidecar.messages('tasks.dead')).toHaveLength(1));
    expect(fixture.app.calls()).toEqual([]);
  });

  it('waits while the app does not listen at all', async () => {
    const fixture = await start(WITHOUT_DEAD_LETTER);
    await fixture.app.close();
    await fixture.publish('tasks', cloudEvent('first'));
    await eventually(() => expect(fixture.ofKind('retrying')[0]?.reason).toBe('the app does not listen'));
  });
});
