import { describe, expect, it } from 'vitest';
import { cloudEvent, eventually, PUBSUB, RESILIENCY, startFixture, subscriptionYaml } from '../testing/fixture.ts';

// What an answer leads to is in infra/conformance; here is what the sidecar tells of it.

const WITH_DEAD_LETTER = {
  'pubsub.yaml': PUBSUB,
  'subscription.yaml': subscriptionYaml('tasks', 'deadLetterTopic: dead'),
};
const WITHOUT_DEAD_LETTER = { 'pubsub.yaml': PUBSUB, 'subscription.yaml': subscriptionYaml('tasks') };

describe('what is told of an event that fails', () => {
  it.each<[string, number, string]>([
    ['{"status":"DROP"}', 200, 'the app answered DROP'],
    ['', 404, 'the app answered 404'],
  ])('is that it was dropped after %s (%d), where there is no dead-letter topic', async (body, status, reason) => {
    const { app, publish, ofKind } = await startFixture(WITHOUT_DEAD_LETTER);
    app.answer('/events/tasks', () => ({ status, body }));
    await publish('tasks', cloudEvent('first'));
    await eventually(() => expect(ofKind('dropped')).toMatchObject([{ event: { eventId: 'first' }, reason }]));
  });

  it.each<[string, number, string]>([
    ['{"status":"RETRY"}', 200, 'the app answered RETRY'],
    ['{"status":"open"}', 200, 'the app answered the unknown status "open"'],
    ['', 503, 'the app answered 503'],
  ])('is why it is tried again, and that it became a dead letter, after %s (%d)', async (body, status, reason) => {
    const { app, publish, ofKind } = await startFixture({ ...WITH_DEAD_LETTER, 'resiliency.yaml': RESILIENCY });
    app.answer('/events/tasks', () => ({ status, body }));
    await publish('tasks', cloudEvent('first'));
    await eventually(() => expect(ofKind('dead-lettered')).toMatchObject([{ deadLetterTopic: 'dead', reason }]));
    expect(ofKind('retrying')).toMatchObject([1, 2, 3].map((attempt) => ({ attempt, reason, inMs: 10 })));
  });

  it('is that the app did not answer in time', async () => {
    const files = { ...WITH_DEAD_LETTER, 'resiliency.yaml': RESILIENCY.replace('5s', '200ms') };
    const { app, publish, ofKind } = await startFixture(files);
    app.answer('/events/tasks', () => undefined);
    await publish('tasks', cloudEvent('first'));
    await eventually(() => expect(ofKind('retrying')[0]?.reason).toBe('no answer within 200 ms'));
  });

  it('is that the app does not listen', async () => {
    const { app, publish, ofKind } = await startFixture(WITHOUT_DEAD_LETTER);
    await app.close();
    await publish('tasks', cloudEvent('first'));
    await eventually(() => expect(ofKind('retrying')[0]?.reason).toBe('the app does not listen'));
  });

  it('is that the dead-letter topic does not take it', async () => {
    const { app, publish, ofKind } = await startFixture(WITH_DEAD_LETTER, { topics: ['tasks'] });
    app.answer('/events/tasks', () => ({ status: 500 }));
    await publish('tasks', cloudEvent('first'));
    await eventually(() => expect(ofKind('retrying')[0]?.reason).toContain("can't be put into dead"));
  });

  it('is that it comes again in five seconds where the component says nothing else', async () => {
    const files = { ...WITHOUT_DEAD_LETTER, 'pubsub.yaml': PUBSUB.replace('backOffDuration', 'somethingElse') };
    const { app, publish, ofKind } = await startFixture(files);
    app.answer('/events/tasks', () => ({ status: 500 }));
    await publish('tasks', cloudEvent('first'));
    await eventually(() => expect(ofKind('retrying')).toMatchObject([{ inMs: 5_000 }]));
  });
});

it('a dead letter is in the partition that it was in before, under the same key', async () => {
  const { app, publish, sidecar } = await startFixture(WITH_DEAD_LETTER);
  app.answer('/events/tasks', () => ({ status: 404 }));
  await publish('tasks', cloudEvent('first'), { key: 'k' });
  await eventually(() => expect(sidecar.messages('dead')).toHaveLength(1));
  const [dead] = sidecar.messages('dead');
  expect(dead).toMatchObject({ key: 'k', partition: Number(app.calls()[0]?.headers.__partition) });
});
