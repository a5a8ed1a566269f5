import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { CalendarAddress } from '../../shared/domain/calendarAddress.ts';
import createCalendarAddress from '../createCalendarAddress/createCalendarAddress.ts';
import getCalendar from '../getCalendar/getCalendar.ts';
import listCalendarAddresses from './listCalendarAddresses.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());

const list = async (userId: string) => {
  const app = platform.app(listCalendarAddresses);
  return (await app.call<{ items: CalendarAddress[] }>(userId, '/calendar-addresses')).body.items;
};
const create = async (userId: string, name: string) => {
  const app = platform.app(createCalendarAddress);
  return (await app.call<{ url: string }>(userId, '/calendar-addresses', { name })).body.url;
};

test('a user’s own addresses are listed, oldest first, with the day of their last use and without their keys', async () => {
  platform.now = new Date('2026-11-25T09:00:00Z');
  const url = await create('alice', 'Phone');
  await create('bob', 'Not hers');
  platform.now = new Date('2026-11-26T23:30:00Z');
  await create('alice', 'Desk');
  await platform.app(getCalendar).request(url, {});

  expect(await list('alice')).toEqual([
    { id: expect.any(String), name: 'Phone', createdAt: '2026-11-25T09:00:00.000Z', lastUsedOn: '2026-11-26' },
    { id: expect.any(String), name: 'Desk', createdAt: '2026-11-26T23:30:00.000Z', lastUsedOn: null },
  ]);
  expect((await list('bob')).map(({ name }) => name)).toEqual(['Not hers']);
  expect(await list('carol')).toEqual([]);
});

test('a token is needed', async () => {
  expect((await platform.app(listCalendarAddresses).request('/calendar-addresses', {})).status).toBe(401);
});
