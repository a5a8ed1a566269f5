import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import { defaultChannels, type Preferences } from '../../shared/domain/preferences.ts';
import getPreferences from './getPreferences.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());

test('who never chose anything has the defaults', async () => {
  const { status, headers, body } = await platform.app(getPreferences).call<Preferences>('alice', '/preferences');
  expect([status, headers.get('etag')]).toEqual([200, '"0"']);
  expect(body).toEqual({ timeZone: 'UTC', channels: defaultChannels, quietHours: null, email: null, version: 0 });
});

test('a client that has this version is told so', async () => {
  const known = { 'if-none-match': '"0"' };
  const { status } = await platform.app(getPreferences).call('alice', '/preferences', undefined, known);
  expect(status).toBe(304);
});

test('a token is needed', async () => {
  expect((await platform.app(getPreferences).request('/preferences', {})).status).toBe(401);
});
