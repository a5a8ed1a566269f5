import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { taskSnapshot } from '../../infra/testing/taskSnapshot.ts';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { DeadLetterSummary } from '../../shared/domain/deadLetter.ts';
import { catalogue, deadLetterTopic } from '../../shared/events/catalogue.ts';
import { type CloudEvent, type TaskEvent, toCloudEvent } from '../../shared/events/event.ts';
import type { Problem } from '../../shared/runtime/problem.ts';
import onDeadLetter from '../onDeadLetter/onDeadLetter.ts';
import onTaskCreated from '../onTaskCreated/onTaskCreated.ts';
import replayDeadLetter from './replayDeadLetter.ts';

const { topic } = catalogue['task.created'];
const replayed = new Date('2026-11-25T09:00:00Z');

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(replayDeadLetter, 'admin');
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, { published: [], brokerAway: false, now: replayed });
});

const created = (): TaskEvent<'task.created'> => ({
  event_id: randomUUID(),
  event_type: 'task.created',
  timestamp: '2026-11-25T08:00:00.000Z',
  user_id: 'alice',
  task_id: randomUUID(),
  data: taskSnapshot(),
});
const keep = async (message: string) => {
  await platform.app(onDeadLetter).deliverDeadLetter(deadLetterTopic(topic), message);
  return (await stored())?.id as string;
};
const stored = async () => (await platform.database.query('select * from dead_letters'))[0];
const replay = <Body = DeadLetterSummary>(id: string) => app.call<Body>('root', `/admin/dead-letters/${id}/replay`);
/** Lets what was published take its way to the function. */
const deliverPublished = async () => {
  for (const { data } of platform.published.splice(0)) {
    expect((await platform.app(onTaskCreated).deliver(data)).status).toBe(200);
  }
};
const notifications = () => platform.database.query('select message from notifications');

test('an event is published again as it was, and then takes effect', async () => {
  const envelope: CloudEvent = toCloudEvent(created(), { source: '/evolution-todo/createTask' });
  const id = await keep(JSON.stringify({ ...envelope, topic, pubsubname: 'taskevents' }));
  const { status, body } = await replay(id);
  expect([status, body]).toMatchObject([
    200,
    { id, status: 'replayed', replays: 1, replayedAt: replayed.toISOString(), eventId: envelope.id },
  ]);
  expect(platform.published).toEqual([envelope]);
  await deliverPublished();
  expect(await notifications()).toEqual([{ message: 'New task: Buy milk' }]);
});

test('an event that is replayed twice, or took effect before, takes effect once', async () => {
  const event = created();
  const id = await keep(JSON.stringify(toCloudEvent(event, { source: '/test' })));
  for (let time = 1; time <= 3; time += 1) {
    expect((await replay(id)).body).toMatchObject({ status: 'replayed', replays: time });
    await deliverPublished();
  }
  await Promise.all([replay(id), replay(id)]);
  await deliverPublished();
  expect(await notifications()).toHaveLength(1);
  expect(await stored()).toMatchObject({ replays: 5, waiting: false });
});

test('a letter that comes back waits again', async () => {
  const message = JSON.stringify(toCloudEvent(created(), { source: '/test' }));
  const id = await keep(message);
  await replay(id);
  expect(await stored()).toMatchObject({ waiting: false });
  await keep(message);
  expect(await stored()).toMatchObject({ id, waiting: true, times_received: 2 });
});

test.each([
  ['no JSON', 'poison'],
  ['the wrong shape', JSON.stringify({ ...toCloudEvent(created(), { source: '/test' }), data: 'poison' })],
  ['another type', JSON.stringify({ ...toCloudEvent(created(), { source: '/test' }), type: 'task.deleted' })],
])('what cannot be read cannot be replayed, and says why: %s', async (_what, message) => {
  const { status, body } = await replay<Problem>(await keep(message));
  expect([status, body.detail]).toEqual([422, expect.stringMatching(/^It cannot be replayed: .+/)]);
  expect(platform.published).toEqual([]);
  expect(await stored()).toMatchObject({ waiting: true, replays: 0, replayed_at: null });
});

test('a fault that a newer version knows how to read is no hindrance', async () => {
  const id = await keep(JSON.stringify(toCloudEvent(created(), { source: '/test' })));
  await platform.database.query(`update dead_letters set fault = 'unknown to an older version'`);
  expect((await replay(id)).status).toBe(200);
});

test('with the broker away the answer is 503, nothing is marked, and a later try succeeds', async () => {
  const id = await keep(JSON.stringify(toCloudEvent(created(), { source: '/test' })));
  platform.brokerAway = true;
  const { status, body } = await replay<Problem>(id);
  expect([status, body.type]).toEqual([503, 'urn:evolution-todo:problem:unavailable']);
  expect(await stored()).toMatchObject({ waiting: true, replays: 0, replayed_at: null });
  platform.brokerAway = false;
  expect((await replay(id)).status).toBe(200);
});

test('what is not there is not found', async () => {
  expect((await replay(randomUUID())).status).toBe(404);
});

test('only administrators may replay', async () => {
  const id = await keep(JSON.stringify(toCloudEvent(created(), { source: '/test' })));
  const path = `/admin/dead-letters/${id}/replay`;
  expect((await platform.app(replayDeadLetter).call('alice', path)).status).toBe(403);
  expect((await app.request(path, { method: 'POST' })).status).toBe(401);
  expect(platform.published).toEqual([]);
});
