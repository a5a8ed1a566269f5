import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { taskSnapshot } from '../../infra/testing/taskSnapshot.ts';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import { catalogue, deadLetterTopic } from '../../shared/events/catalogue.ts';
import { toCloudEvent } from '../../shared/events/event.ts';
import onDeadLetter from './onDeadLetter.ts';

const { topic } = catalogue['task.deleted'];
const deadTopic = deadLetterTopic(topic);
const received = new Date('2026-11-25T09:00:00Z');

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(onDeadLetter);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, { logged: [], now: received });
});

const deleted = () =>
  toCloudEvent(
    {
      event_id: randomUUID(),
      event_type: 'task.deleted',
      timestamp: '2026-11-25T08:00:00.000Z',
      user_id: 'alice',
      task_id: randomUUID(),
      data: taskSnapshot(),
    },
    { source: '/evolution-todo/test' },
  );
const letters = () => platform.database.query('select * from dead_letters order by created_at');
const keep = async (...letter: Parameters<TestApp['deliverDeadLetter']>) => {
  const response = await app.deliverDeadLetter(...letter);
  expect([response.status, await response.json()]).toEqual([200, { status: 'SUCCESS' }]);
};

test('an event is kept as it came, with its topic, its key and what it says of itself', async () => {
  const event = deleted();
  await keep(deadTopic, JSON.stringify(event), event.subject);
  expect(await letters()).toEqual([
    {
      id: expect.any(String),
      topic,
      partition_key: event.subject,
      payload: Buffer.from(JSON.stringify(event)),
      fault: null,
      event_id: event.id,
      event_type: 'task.deleted',
      user_id: 'alice',
      task_id: event.subject,
      created_at: received,
      last_received_at: received,
      times_received: 1,
      waiting: true,
      replayed_at: null,
      replays: 0,
    },
  ]);
  expect(platform.logged).toMatchObject([{ level: 'warn', outcome: 'kept', topic, event: event.id }]);
});

test.each<[string, string | Buffer, RegExp]>([
  ['no JSON', 'poison', /^It is not JSON/],
  ['no text', Buffer.from([0, 255, 254]), /^It is not JSON/],
  ['nothing', '', /^It is not JSON/],
  ['no event', '[]', /expected object/],
  ['no id', JSON.stringify({ ...deleted(), id: undefined }), /^id: /],
  ['a NUL in its id', JSON.stringify({ ...deleted(), id: '\0' }), /^event: id and data/],
  ['half a character in its id', JSON.stringify({ ...deleted(), id: '\ud800' }), /^event: /],
  ['much of it', JSON.stringify({ data: 'x'.repeat(1024 * 1024) }), /^specversion: /],
])('poison is kept with the reason: %s', async (_what, message, reason) => {
  await keep(deadTopic, message);
  const [letter] = await letters();
  expect(letter).toMatchObject({ topic, partition_key: null, fault: expect.any(String) });
  expect(letter?.fault).toMatch(reason);
  expect(Buffer.from(message).equals(letter?.payload as Buffer)).toBe(true);
});

test('of what is too large to be kept, it is kept where it is', async () => {
  await keep(deadTopic, Buffer.alloc(2 * 1024 * 1024));
  expect(await letters()).toMatchObject([{ topic, payload: null, fault: expect.stringMatching(/offset 1024\.$/) }]);
});

test('what comes without Dapr’s wrapper is kept too', async () => {
  const headers = { 'dapr-api-token': 'app-token', __topic: deadTopic };
  const response = await app.request('/events/dead-letter', { method: 'POST', headers, body: 'poison' });
  expect(response.status).toBe(200);
  expect(await letters()).toMatchObject([{ topic, payload: Buffer.from('poison') }]);
});

test('a letter that comes twice is one, which knows how often and when it came', async () => {
  const event = deleted();
  const later = new Date('2026-11-25T10:00:00Z');
  for (const message of [JSON.stringify(event), 'poison']) {
    platform.now = received;
    await keep(deadTopic, message);
    platform.now = later;
    await Promise.all([keep(deadTopic, message), keep(deadTopic, message)]);
  }
  const once = { created_at: received, last_received_at: later, times_received: 3 };
  expect(await letters()).toMatchObject([once, once]);
});

test('while a letter cannot be kept it comes again: it is neither dropped nor answered with 404', async () => {
  await platform.database.query('alter table dead_letters rename to gone');
  try {
    expect((await app.deliverDeadLetter(deadTopic, 'poison')).status).toBe(500);
  } finally {
    await platform.database.query('alter table gone rename to dead_letters');
  }
  expect((await app.request('/events/elsewhere', { method: 'POST' })).status).toBe(503);
});

test('only the sidecar may deliver', async () => {
  const response = await app.request('/events/dead-letter', { method: 'POST', body: 'poison' });
  expect(response.status).toBe(401);
  expect(await letters()).toEqual([]);
});
