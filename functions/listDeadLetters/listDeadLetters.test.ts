import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { DeadLetterSummary } from '../../shared/domain/deadLetter.ts';
import { catalogue, deadLetterTopic } from '../../shared/events/catalogue.ts';
import onDeadLetter from '../onDeadLetter/onDeadLetter.ts';
import listDeadLetters from './listDeadLetters.ts';

interface Page {
  items: DeadLetterSummary[];
  next: string | null;
}

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(listDeadLetters, 'admin');
});
afterAll(() => platform.close());
beforeEach(() => platform.database.reset());

const { topic } = catalogue['task.created'];
const keep = async (message: string) => {
  await platform.app(onDeadLetter).deliverDeadLetter(deadLetterTopic(topic), message, 'key');
  const [row] = await platform.database.query('select id from dead_letters order by created_at desc limit 1');
  return row?.id;
};
const list = async (query = '') => (await app.call<Page>('root', `/admin/dead-letters${query}`)).body;

/** A letter whose event can be read, written past onDeadLetter. */
const insert = (eventId: string, waiting = true) =>
  platform.database.query(
    `insert into dead_letters (id, topic, payload, event_id, created_at, last_received_at, waiting)
     values (gen_random_uuid(), $1, '{}', $2, date_trunc('milliseconds', clock_timestamp()), now(), $3)`,
    [topic, eventId, waiting],
  );

test('letters of all users are listed, newest first, a page at a time', async () => {
  for (const [second, message] of ['first', 'second', 'third'].entries()) {
    platform.now = new Date(Date.UTC(2026, 10, 25, 9, 0, second));
    await keep(message);
  }
  platform.now = undefined;
  const first = await list('?limit=2');
  expect(first.items.map(({ bytes }) => bytes)).toEqual([5, 6]);
  expect(first.items[0]).toMatchObject({ topic, partitionKey: 'key', status: 'waiting', timesReceived: 1, replays: 0 });
  const second = await list(`?limit=2&cursor=${first.next}`);
  expect(second).toMatchObject({ items: [{ createdAt: '2026-11-25T09:00:00.000Z' }], next: null });
});

test('a letter that cannot be read says why', async () => {
  await keep('poison');
  expect((await list()).items).toMatchObject([{ reason: 'It is not JSON in UTF-8.', failures: [] }]);
});

test('a letter tells who failed on it, why, and how often', async () => {
  await insert('e1');
  await platform.database.query(
    `insert into event_failures (event_id, function, reason, attempts, last_failed_at) values
     ('e1', 'f', 'TypeError', 16, '2026-11-25T09:00:00.123456Z'), ('e1', 'g', 'It changed.', 1, now()), ('e2', 'f', 'x', 1, now())`,
  );
  const [letter] = (await list()).items;
  expect(letter?.reason).toBe('f failed 16 times: TypeError; g failed once: It changed.');
  expect(letter?.failures).toMatchObject([
    { function: 'f', reason: 'TypeError', attempts: 16, lastFailedAt: '2026-11-25T09:00:00.123Z' },
    { function: 'g', attempts: 1 },
  ]);
});

test('a letter that nobody recorded a failure on says that its reason is unknown', async () => {
  await insert('e1');
  expect((await list()).items).toMatchObject([{ reason: expect.stringMatching(/^Unknown: /), failures: [] }]);
});

test('those that wait, or those that were replayed, can be listed alone', async () => {
  await insert('e1', true);
  await insert('e2', false);
  const eventIds = async (query: string) => (await list(query)).items.map(({ eventId }) => eventId);
  expect((await eventIds('')).sort()).toEqual(['e1', 'e2']);
  expect(await eventIds('?status=waiting')).toEqual(['e1']);
  expect(await eventIds('?status=replayed')).toEqual(['e2']);
  expect((await app.call('root', '/admin/dead-letters?status=lost')).status).toBe(422);
});

test('only administrators may list them', async () => {
  await keep('poison');
  const answer = await platform.app(listDeadLetters).call('alice', '/admin/dead-letters');
  expect(answer.status).toBe(403);
  expect((await app.request('/admin/dead-letters', {})).status).toBe(401);
});
