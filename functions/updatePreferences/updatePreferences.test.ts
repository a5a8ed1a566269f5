import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import { defaultChannels, type Preferences } from '../../shared/domain/preferences.ts';
import type { Problem } from '../../shared/runtime/problem.ts';
import getPreferences from '../getPreferences/getPreferences.ts';
import updatePreferences from './updatePreferences.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());
beforeEach(() => platform.database.reset());

const update = (patch: unknown, headers = {}, userId = 'alice') =>
  platform.app(updatePreferences).call<Preferences & Problem>(userId, '/preferences', patch, headers);
const get = async (userId = 'alice') =>
  (await platform.app(getPreferences).call<Preferences>(userId, '/preferences')).body;

const untouched = { timeZone: 'UTC', channels: defaultChannels, quietHours: null, email: null, version: 0 };
const quietHours = { start: '22:00', end: '07:00' };

test('what a patch names is changed, everything else stays as it was', async () => {
  const { status, body, headers } = await update({ timeZone: 'Europe/Madrid', quietHours });
  expect([status, headers.get('etag')]).toEqual([200, '"1"']);
  expect(body).toEqual({ ...untouched, timeZone: 'Europe/Madrid', quietHours, version: 1 });
  expect(await get()).toEqual(body);

  await update({ channels: { 'task.completed': ['email', 'inbox'], 'reminder.due': [] } });
  expect(await get()).toEqual({
    ...body,
    channels: { ...defaultChannels, 'task.completed': ['email', 'inbox'], 'reminder.due': [] },
    version: 2,
  });
});

test('a patch reaches into what it names: one end of the quiet hours, one kind of notification', async () => {
  await update({ quietHours, channels: { 'task.updated': ['inbox'] } });
  const { body } = await update({ quietHours: { end: '06:30' }, channels: { 'task.deleted': ['webhook'] } });
  expect(body.quietHours).toEqual({ start: '22:00', end: '06:30' });
  expect(body.channels).toMatchObject({ 'task.updated': ['inbox'], 'task.deleted': ['webhook'] });
});

test('null puts back the default, of one kind or of all', async () => {
  const address = 'ann@example.org';
  const channels = { 'task.updated': ['inbox'], 'task.created': [] };
  await update({ timeZone: 'Asia/Tokyo', quietHours, channels, email: { address } });
  const { body } = await update({ channels: { 'task.created': null } });
  expect(body.channels).toEqual({ ...defaultChannels, 'task.updated': ['inbox'] });
  await update({ timeZone: null, quietHours: null, channels: null, email: null });
  expect(await get()).toEqual({ ...untouched, version: 3 });
});

test('another address has to be confirmed, the same one stays confirmed', async () => {
  await update({ email: { address: 'ann@example.org' } });
  await platform.database.query('update preferences set email_confirmed_at = now()');
  expect((await update({ email: { address: 'ann@example.org' } })).body.email?.confirmedAt).not.toBeNull();
  const { body } = await update({ email: { address: 'ann@example.com' } });
  expect(body.email).toEqual({ address: 'ann@example.com', confirmedAt: null });
});

test('a patch that changes nothing makes no new version', async () => {
  await update({ quietHours });
  expect((await update({ quietHours, timeZone: null })).body.version).toBe(1);
});

test('If-Match lets a change be made on the version it names only, also on the one before any choice', async () => {
  expect((await update({ quietHours }, { 'if-match': '"1"' })).status).toBe(412);
  expect((await update({ quietHours }, { 'if-match': '"0"' })).status).toBe(200);
  expect((await update({ quietHours: null }, { 'if-match': '"0"' })).status).toBe(412);
  expect((await get()).quietHours).toEqual(quietHours);
});

test('of many first changes at once none is lost', async () => {
  const kinds = ['task.created', 'task.updated', 'task.deleted'] as const;
  const answers = await Promise.all(kinds.map((kind) => update({ channels: { [kind]: ['email'] } })));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  expect(await get()).toMatchObject({
    version: 3,
    channels: { 'task.created': ['email'], 'task.updated': ['email'], 'task.deleted': ['email'] },
  });
});

describe('refused, with a pointer to the fault, and without a change', () => {
  test.each<[unknown, string]>([
    [{}, '#'],
    [{ theme: 'dark' }, '#/theme'],
    [{ timeZone: '+02:00' }, '#/timeZone'],
    [{ channels: { 'task.vanished': [] } }, '#/channels/task.vanished'],
    [{ channels: { 'task.created': ['pigeon'] } }, '#/channels/task.created/0'],
    [{ channels: { 'task.created': ['inbox', 'inbox'] } }, '#/channels/task.created'],
    [{ quietHours: { start: '22:00' } }, '#/quietHours/end'],
    [{ quietHours: { end: '07:00' } }, '#/quietHours/start'],
    [{ quietHours: { start: '24:00', end: '07:00' } }, '#/quietHours/start'],
    [{ quietHours: { start: '7:00', end: '08:00' } }, '#/quietHours/start'],
    [{ quietHours: { start: '07:00', end: '07:00' } }, '#/quietHours/end'],
    [{ email: { address: 'ann' } }, '#/email/address'],
    [{ email: { address: 'ann@example.org\r\nBcc: all@example.org' } }, '#/email/address'],
    [{ email: { address: `${'a'.repeat(64)}@${'b'.repeat(190)}.org` } }, '#/email/address'],
    [{ email: { address: 'ann@example.org', confirmedAt: '2026-11-25T09:00:00Z' } }, '#/email/confirmedAt'],
    [{ version: 7 }, '#/version'],
  ])('%j', async (patch, pointer) => {
    const { status, body } = await update(patch);
    expect([status, body.errors?.[0]?.pointer]).toEqual([422, pointer]);
    expect(await get()).toEqual(untouched);
  });
});

test('another user’s stay as they are', async () => {
  await update({ quietHours });
  expect(await get('bob')).toEqual(untouched);
  await update({ timeZone: 'Asia/Tokyo' }, {}, 'bob');
  expect(await get()).toEqual({ ...untouched, quietHours, version: 1 });
});

test('a token is needed', async () => {
  const body = JSON.stringify({ quietHours });
  const headers = { 'content-type': 'application/json' };
  expect(
    (await platform.app(updatePreferences).request('/preferences', { method: 'PATCH', headers, body })).status,
  ).toBe(401);
});
