import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import { catalogue, deadLetterTopic } from '../../shared/events/catalogue.ts';
import onDeadLetter from '../onDeadLetter/onDeadLetter.ts';
import getDeadLetter from './getDeadLetter.ts';

const { topic } = catalogue['task.created'];

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(getDeadLetter, 'admin');
});
afterAll(() => platform.close());

async function keep(message: Buffer): Promise<unknown> {
  await platform.database.reset();
  await platform.app(onDeadLetter).deliverDeadLetter(deadLetterTopic(topic), message);
  const [row] = await platform.database.query('select id from dead_letters');
  return row?.id;
}

test('a letter is shown with its payload, whatever that is', async () => {
  const message = Buffer.from([0, 1, 254, 255]);
  const id = await keep(message);
  const { status, body } = await app.call('root', `/admin/dead-letters/${id}`);
  expect([status, body]).toMatchObject([200, { id, topic, bytes: 4, payload: message.toString('base64') }]);
});

test('a megabyte is shown whole', async () => {
  const message = Buffer.alloc(1024 * 1024, 'poison');
  const { body } = await app.call<{ payload: string }>('root', `/admin/dead-letters/${await keep(message)}`);
  expect(Buffer.from(body.payload, 'base64').equals(message)).toBe(true);
});

test('of a letter that was too large to be kept there is no payload', async () => {
  const id = await keep(Buffer.alloc(2 * 1024 * 1024));
  expect((await app.call('root', `/admin/dead-letters/${id}`)).body).toMatchObject({ bytes: null, payload: null });
});

test('what is not there is not found', async () => {
  expect((await app.call('root', `/admin/dead-letters/${randomUUID()}`)).status).toBe(404);
  expect((await app.call('root', '/admin/dead-letters/nothing')).status).toBe(404);
});

test('only administrators may see it', async () => {
  const path = `/admin/dead-letters/${await keep(Buffer.from('poison'))}`;
  expect((await platform.app(getDeadLetter).call('alice', path)).status).toBe(403);
  expect((await app.request(path, {})).status).toBe(401);
});
