import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readCalendar, timeOf, timesOf } from '../../infra/testing/readCalendar.ts';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Task } from '../../shared/domain/task.ts';
import completeTask from '../completeTask/completeTask.ts';
import createCalendarAddress from '../createCalendarAddress/createCalendarAddress.ts';
import createTask from '../createTask/createTask.ts';
import deleteTask from '../deleteTask/deleteTask.ts';
import getCalendar from './getCalendar.ts';

const now = new Date('2026-11-28T12:00:00Z');

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(getCalendar);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, { now, logged: [] });
});

const addressOf = async (userId: string, name?: string) => {
  const created = await platform
    .app(createCalendarAddress)
    .call<{ url: string }>(userId, '/calendar-addresses', { name });
  return created.body.url;
};
const create = async (userId: string, task: object) =>
  (await platform.app(createTask).call<Task>(userId, '/tasks', task)).body;
const read = async (url: string) => readCalendar(await (await app.request(url, {})).text());
const todos = async (url: string) => (await read(url)).getAllSubcomponents('vtodo');

describe('the calendar', () => {
  test('has a user’s tasks as to-dos, under their ids, with times, states, words and reminders', async () => {
    const url = await addressOf('alice', 'Phone');
    const due = { dateTime: '2027-03-31T09:00', timeZone: 'Europe/Madrid' };
    const rent = await create('alice', {
      ...{ title: 'Pay rent, now', description: 'By\ntransfer', priority: 'high', tags: ['home', 'a,b'], due },
      reminders: [{ before: 'P1D' }, { at: '2020-01-01T00:00:00Z' }],
    });
    const done = await create('alice', { title: 'Done', due: { date: '2026-12-24', timeZone: 'Europe/Madrid' } });
    await platform.app(completeTask).call('alice', `/tasks/${done.id}/complete`);
    await create('bob', { title: 'Not hers' });

    const calendar = await read(url);
    expect(calendar.getFirstPropertyValue('x-wr-calname')).toBe('Phone');
    const [first, second, ...others] = calendar.getAllSubcomponents('vtodo');
    expect(others).toEqual([]);
    expect(first?.getFirstPropertyValue('uid')).toBe(rent.id);
    expect(first?.getFirstPropertyValue('summary')).toBe('Pay rent, now');
    expect(first?.getFirstPropertyValue('description')).toBe('By\ntransfer');
    expect(first?.getFirstPropertyValue('priority')).toBe(1);
    expect(first?.getFirstProperty('categories')?.getValues()).toEqual(['home', 'a,b']);
    expect(first && timeOf(first, 'due')).toBe('2027-03-31T07:00:00.000Z');
    expect(first?.getFirstProperty('due')?.getParameter('tzid')).toBe('Europe/Madrid');
    const alarms = first?.getAllSubcomponents('valarm') ?? [];
    expect(alarms.map((alarm) => timeOf(alarm, 'trigger'))).toEqual(['2027-03-30T07:00:00.000Z']);
    expect([second?.getFirstPropertyValue('uid'), second?.getFirstPropertyValue('status')]).toEqual([
      done.id,
      'COMPLETED',
    ]);
    expect(second && [timeOf(second, 'due'), timeOf(second, 'completed')]).toEqual(['2026-12-24', now.toISOString()]);
  });

  test('has a series from its next time on, beside the task of this one', async () => {
    const url = await addressOf('alice');
    const due = { dateTime: '2027-01-31T09:00', timeZone: 'Europe/Madrid' };
    const task = await create('alice', {
      ...{ title: 'Pay rent', due, reminders: [{ before: 'P1D' }] },
      recurrence: { rule: 'FREQ=MONTHLY;COUNT=5' },
    });
    const [instance, series] = await todos(url);
    expect(instance?.getFirstPropertyValue('uid')).toBe(task.id);
    expect(series?.getFirstPropertyValue('uid')).toBe(task.seriesId);
    expect(String(series?.getFirstPropertyValue('rrule'))).toBe('FREQ=MONTHLY;BYMONTHDAY=-1;UNTIL=20270531T070000Z');
    expect(series && timesOf(series, 10)).toEqual([
      ...['2027-02-28T08:00:00.000Z', '2027-03-31T07:00:00.000Z', '2027-04-30T07:00:00.000Z'],
      '2027-05-31T07:00:00.000Z',
    ]);
    expect(String(series?.getFirstSubcomponent('valarm')?.getFirstPropertyValue('trigger'))).toBe('-P1D');
  });

  test('has events for calendars that show no to-dos: what has a time, and what is done with a mark', async () => {
    const url = await addressOf('alice');
    await create('alice', { title: 'Some day' });
    const due = { date: '2026-12-24', timeZone: 'Europe/Madrid' };
    const task = await create('alice', { title: 'Wrap', due });
    await platform.app(completeTask).call('alice', `/tasks/${task.id}/complete`);
    const calendar = await read(`${url}&as=events`);
    expect(calendar.getAllSubcomponents('vtodo')).toEqual([]);
    const events = calendar.getAllSubcomponents('vevent');
    expect(events.map((event) => [event.getFirstPropertyValue('summary'), timeOf(event, 'dtstart')])).toEqual([
      ['✓ Wrap', '2026-12-24'],
    ]);
  });

  test('leaves out what is deleted, what was done more than 30 days ago, and series that are over', async () => {
    const url = await addressOf('alice');
    const gone = await create('alice', { title: 'Gone' });
    await platform.app(deleteTask).call('alice', `/tasks/${gone.id}`);
    const done = await create('alice', { title: 'Done' });
    await platform.app(completeTask).call('alice', `/tasks/${done.id}/complete`);
    expect(await todos(url)).toHaveLength(1);
    platform.now = new Date(now.getTime() + 30 * 24 * 60 * 60 * 1000 + 1);
    expect(await todos(url)).toEqual([]);
  });

  test('says when it leaves tasks out because they are too many: those due last', async () => {
    const url = await addressOf('alice');
    await platform.database.query(
      `insert into tasks (id, user_id, title, priority, status, due_local, due_time_zone, due_at, created_at, updated_at)
       select gen_random_uuid(), 'alice', 'Task ' || n, 'low', 'open', '2027-01-01T09:00:00', 'UTC',
              '2027-01-01T00:00:00Z'::timestamptz + n * interval '1 minute', now(), now() from generate_series(1, 5001) n`,
    );
    const calendar = await read(url);
    const titles = calendar.getAllSubcomponents('vtodo').map((entry) => entry.getFirstPropertyValue('summary'));
    expect([titles.length, titles[0], titles.at(-1)]).toEqual([5000, 'Task 1', 'Task 5000']);
    expect(calendar.getFirstPropertyValue('x-wr-caldesc')).toMatch(/too many/);
  });
});

describe('the answer', () => {
  test('is a calendar in UTF-8 that no cache may share, with a tag; with that tag it is 304, until something changes', async () => {
    const url = await addressOf('alice');
    await create('alice', { title: 'Zoë’s 🎂' });
    const first = await app.request(url, {});
    expect([first.status, first.headers.get('content-type'), first.headers.get('cache-control')]).toEqual([
      ...[200, 'text/calendar; charset=utf-8', 'private, no-cache'],
    ]);
    const etag = first.headers.get('etag') ?? '';
    const again = await app.request(url, { headers: { 'if-none-match': etag } });
    expect([again.status, await again.text(), again.headers.get('cache-control')]).toEqual([
      304,
      '',
      'private, no-cache',
    ]);
    await create('alice', { title: 'Another' });
    const changed = await app.request(url, { headers: { 'if-none-match': etag } });
    expect([changed.status, changed.headers.get('etag') === etag]).toEqual([200, false]);
  });

  test('takes a key only; a token of anybody’s makes no difference', async () => {
    const url = await addressOf('alice');
    await create('alice', { title: 'Hers' });
    const authorization = `Bearer ${await platform.token('bob')}`;
    const response = await app.request(url, { headers: { authorization } });
    expect(readCalendar(await response.text()).getAllSubcomponents('vtodo')).toHaveLength(1);
    expect((await app.request('/calendar.ics', { headers: { authorization } })).status).toBe(404);
  });

  test('refuses what it does not know', async () => {
    const url = await addressOf('alice');
    expect((await app.request(`${url}&as=todos`, {})).status).toBe(422);
    expect((await app.request(`${url}&user=bob`, {})).status).toBe(422);
  });
});

describe('without a key that is known', () => {
  test.each([
    ['no key', ''],
    ['an empty key', '?key='],
    ['an unknown key', `?key=${'A'.repeat(43)}`],
    ['a very long key', `?key=${'A'.repeat(5000)}`],
    ['something in SQL', `?key=${encodeURIComponent("' or true --")}`],
    ['a hash in place of its key', `?key=${'0'.repeat(64)}`],
  ])('nothing is found: %s', async (_, query) => {
    await addressOf('alice');
    const [answer, none] = await Promise.all([
      app.request(`/calendar.ics${query}`, {}),
      app.request('/calendar.ics', {}),
    ]);
    expect([answer.status, await answer.json()]).toEqual([404, await none.json()]);
    expect(await platform.database.query('select from calendar_addresses where last_used_on is not null')).toEqual([]);
  });

  test('a key opens its own user’s calendar only, and stands in no log line', async () => {
    const [hers, his] = [await addressOf('alice'), await addressOf('bob')];
    await create('alice', { title: 'Hers' });
    await create('bob', { title: 'His' });
    const titles = async (url: string) => (await todos(url)).map((entry) => entry.getFirstPropertyValue('summary'));
    expect([await titles(hers), await titles(his)]).toEqual([['Hers'], ['His']]);
    expect(JSON.stringify(platform.logged)).not.toContain(hers.split('=')[1]);
  });
});
