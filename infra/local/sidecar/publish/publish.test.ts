import { expect, it } from 'vitest';
import { cloudEvent, PUBSUB, startFixture } from '../testing/fixture.ts';

// What is published, and what is refused, is in infra/conformance; here is what only this sidecar does so.

it.each([
  ['publishingScopes', 'evolution-todo=tasks'],
  ['allowedTopics', 'tasks'],
  ['protectedTopics', 'other'],
])('%s keep the app from a topic', async (name, value) => {
  const pubsub = PUBSUB.replace('metadata: [', `metadata: [{ name: ${name}, value: "${value}" }, `);
  const { publish } = await startFixture({ 'pubsub.yaml': pubsub });
  expect((await publish('tasks', cloudEvent('e'))).status).toBe(204);
  const refused = await publish('other', cloudEvent('e'));
  expect([refused.status, await refused.json()]).toEqual([
    403,
    { errorCode: 'ERR_PUBSUB_FORBIDDEN', message: 'topic other is not allowed for app id evolution-todo' },
  ]);
});

it('a CloudEvent that is null is refused; daprd closes the connection without an answer', async () => {
  const { publish, sidecar } = await startFixture({ 'pubsub.yaml': PUBSUB });
  const refused = await publish('tasks', 'null');
  expect([refused.status, await refused.json()]).toEqual([
    500,
    { errorCode: 'ERR_PUBSUB_CLOUD_EVENTS_SER', message: 'cannot create cloudevent' },
  ]);
  expect(sidecar.messages('tasks')).toEqual([]);
});
