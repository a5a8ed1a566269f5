import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { CalendarAddress } from '../../shared/domain/calendarAddress.ts';
import createCalendarAddress from '../createCalendarAddress/createCalendarAddress.ts';
import getCalendar from '../getCalendar/getCalendar.ts';
import deleteCalendarAddress from './deleteCalendarAddress.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());
beforeEach(() => platform.database.reset());

const create = async () => {
  const app = platform.app(createCalendarAddress);
  return (await app.call<CalendarAddress & { url: string }>('alice', '/calendar-addresses', { name: 'Phone' })).body;
};
const revoke = (id: string, userId = 'alice', headers = {}) =>
  platform.app(deleteCalendarAddress).call<CalendarAddress>(userId, `/calendar-addresses/${id}`, undefined, headers);
const read = async (url: string) => (await platform.app(getCalendar).request(url, {})).status;

test('a revoked address shows nothing any more, at once; others go on', async () => {
  const [address, other] = [await create(), await create()];
  expect(await read(address.url)).toBe(200);
  const { status, body } = await revoke(address.id);
  expect([status, body]).toMatchObject([200, { id: address.id, name: 'Phone' }]);
  expect([await read(address.url), await read(other.url)]).toEqual([404, 200]);
});

test('revoking it again finds nothing; with an idempotency key the answer is kept', async () => {
  const address = await create();
  const key = { 'idempotency-key': 'k' };
  const first = await revoke(address.id, 'alice', key);
  const again = await revoke(address.id, 'alice', key);
  expect([again.status, again.body]).toEqual([200, first.body]);
  expect((await revoke(address.id)).status).toBe(404);
});

test('of many who revoke it at once, each is told that it is gone', async () => {
  const { id } = await create();
  const statuses = (await Promise.all(Array.from({ length: 5 }, () => revoke(id)))).map(({ status }) => status);
  expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  expect(statuses.filter((status) => status === 404)).toHaveLength(4);
});

test('another user’s, and one that never was, are not found and stay', async () => {
  const address = await create();
  expect((await revoke(address.id, 'bob')).status).toBe(404);
  expect((await revoke(randomUUID())).status).toBe(404);
  expect((await revoke('x')).status).toBe(404);
  expect(await read(address.url)).toBe(200);
});

test('a token is needed', async () => {
  const { id, url } = await create();
  const answer = await platform.app(deleteCalendarAddress).request(`/calendar-addresses/${id}`, { method: 'DELETE' });
  expect([answer.status, await read(url)]).toEqual([401, 200]);
});
