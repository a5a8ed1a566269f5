import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Task } from '../../shared/domain/task.ts';
import type { Problem } from '../../shared/runtime/problem.ts';
import createTask from './createTask.ts';

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(createTask);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, { published: [], logged: [], brokerAway: false, now: undefined });
});

const count = async (table: string) => {
  const [row] = await platform.database.query(`select count(*)::int as count from ${table}`);
  return row?.count;
};

test('a user has at most 10,000 open tasks; one that is done or deleted makes room', async () => {
  await platform.database.query(
    `insert into tasks (id, user_id, title, priority, status, created_at, updated_at)
     select gen_random_uuid(), 'alice', 'x', 'low', 'open', now(), now() from generate_series(1, 10000)`,
  );
  const create = (userId: string) => app.call<Problem>(userId, '/tasks', { title: 'One more' });
  const refused = await create('alice');
  expect([refused.status, refused.body.type]).toEqual([409, 'urn:evolution-todo:problem:limit-reached']);
  expect(refused.body.detail).toContain('10000 open tasks');
  expect((await create('bob')).status).toBe(201);

  await platform.database.query(
    `update tasks set status = 'completed', completed_at = now()
     where id = (select id from tasks where user_id = 'alice' limit 1)`,
  );
  expect((await create('alice')).status).toBe(201);
  expect((await create('alice')).status).toBe(409);
  await platform.database.query(
    `update tasks set deleted_at = now() where id = (select id from tasks where user_id = 'alice' and status = 'open' limit 1)`,
  );
  expect((await create('alice')).status).toBe(201);
});

describe('a task that is written', () => {
  test('comes back whole, with its address', async () => {
    const due = { dateTime: '2027-01-31T09:00', timeZone: 'Europe/Berlin' };
    const { status, headers, body } = await app.call<Task>('alice', '/tasks', {
      title: '  Pay rent ',
      description: 'By transfer',
      priority: 'high',
      tags: ['home', 'money'],
      due,
      reminders: [{ before: 'P1D' }, { at: '2027-01-31T06:00:00+01:00' }],
    });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/tasks/${body.id}`);
    expect(body).toMatchObject({
      title: 'Pay rent',
      priority: 'high',
      tags: ['home', 'money'],
      status: 'open',
      due: { dateTime: '2027-01-31T09:00:00', timeZone: 'Europe/Berlin' },
      dueAt: '2027-01-31T08:00:00.000Z',
      version: 1,
      reminders: [
        { spec: { before: 'P1D' }, remindAt: '2027-01-30T08:00:00.000Z', snoozed: false, status: 'pending' },
        {
          spec: { at: '2027-01-31T05:00:00.000Z' },
          remindAt: '2027-01-31T05:00:00.000Z',
          snoozed: false,
          status: 'pending',
        },
      ],
    });
  });

  test('is published once it is committed, with its event id, its key and its version', async () => {
    const { body: task } = await app.call<Task>('alice', '/tasks', { title: 'Buy milk' });
    expect(platform.published).toHaveLength(1);
    const [event] = platform.published;
    expect(event).toMatchObject({
      type: 'task.created',
      source: '/evolution-todo/createTask',
      subject: task.id,
      data: { event_id: event?.id, user_id: 'alice', task_id: task.id, data: { version: 1, title: 'Buy milk' } },
    });
    const [row] = await platform.database.query('select event_id, published_at from outbox');
    expect(row).toMatchObject({ event_id: event?.id, published_at: expect.anything() });
  });

  test('is written all the same when the broker is away; its event stays in the outbox', async () => {
    platform.brokerAway = true;
    expect((await app.call('alice', '/tasks', { title: 'Buy milk' })).status).toBe(201);
    expect(await platform.database.query('select event_type, published_at from outbox')).toEqual([
      { event_type: 'task.created', published_at: null },
    ]);
    expect(platform.logged).toContainEqual(expect.objectContaining({ level: 'warn', outcome: 'unpublished' }));
  });

  test('tells at once of a reminder whose time has passed', async () => {
    platform.now = new Date('2026-06-01T12:00:00Z');
    const { body } = await app.call<Task>('alice', '/tasks', {
      title: 'Late',
      due: { date: '2026-06-02', timeZone: 'UTC' },
      reminders: [{ before: 'P1D' }, { before: 'PT0S' }],
    });
    expect(body.reminders.map(({ status }) => status)).toEqual(['expired', 'pending']);
  });

  test('starts a series when it recurs, and is its first instance', async () => {
    const { body: task } = await app.call<Task>('alice', '/tasks', {
      title: 'Close the month',
      due: { dateTime: '2027-01-31T09:00', timeZone: 'UTC' },
      recurrence: { rule: 'FREQ=MONTHLY' },
    });
    expect(task).toMatchObject({ seriesId: expect.any(String), occurrence: '2027-01-31T09:00:00' });
    expect(await platform.database.query('select id, rule, next_local, create_at from series')).toEqual([
      { id: task.seriesId, rule: 'FREQ=MONTHLY', next_local: '2027-02-28T09:00:00', create_at: null },
    ]);
  });
});

describe('bad input changes nothing and says what is wrong', () => {
  const good = { title: 'a' };
  const due = { dateTime: '2027-01-31T09:00', timeZone: 'UTC' };
  test.each([
    ['no title', {}, ['#/title']],
    ['an empty title', { title: '  ' }, ['#/title']],
    ['a title that is too long', { title: 'a'.repeat(201) }, ['#/title']],
    ['a NUL in a text', { title: 'a\0b' }, ['#/title']],
    ['a lone surrogate', { title: 'a\ud800' }, ['#/title']],
    ['wrong types', { title: 1, tags: 'a', priority: 'urgent' }, ['#/title', '#/priority', '#/tags']],
    ['an unknown field', { ...good, colour: 'red' }, ['#/colour']],
    ['another user’s id', { ...good, userId: 'bob' }, ['#/userId']],
    ['the same tag twice', { ...good, tags: ['x', 'x'] }, ['#/tags']],
    ['a day that does not exist', { ...good, due: { date: '2027-02-30', timeZone: 'UTC' } }, ['#/due/date']],
    ['a zone that does not exist', { ...good, due: { ...due, timeZone: 'Mars/Olympus' } }, ['#/due/timeZone']],
    [
      'a time that a clock change skips',
      { ...good, due: { dateTime: '2027-03-28T02:30', timeZone: 'Europe/Berlin' } },
      ['#/due/dateTime'],
    ],
    ['a relative reminder without a due time', { ...good, reminders: [{ before: 'P1D' }] }, ['#/reminders/0/before']],
    ['a recurrence without a due time', { ...good, recurrence: { rule: 'FREQ=DAILY' } }, ['#/recurrence']],
    ['a rule that never matches', recurring('FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31'), ['#/recurrence/rule']],
    [
      'choices that do not go together',
      recurring('FREQ=DAILY', { mode: 'after_completion', overlap: 'allow', rdates: ['2027-02-03T09:00'] }),
      ['#/recurrence/overlap', '#/recurrence/rdates'],
    ],
    ['a choice that is none', recurring('FREQ=DAILY', { missed: 'some' }), ['#/recurrence/missed']],
    ['a rule that is too fine', recurring('FREQ=SECONDLY'), ['#/recurrence/rule']],
    ['a hostile rule', recurring(`FREQ=YEARLY;BYWEEKNO=1;BYYEARDAY=${'99,'.repeat(150)}99`), ['#/recurrence/rule']],
    [
      'a date without a time to leave out',
      recurring('FREQ=DAILY', { exdates: ['2027-02-01'] }),
      ['#/recurrence/exdates'],
    ],
    [
      'a date before the first to add',
      recurring('FREQ=DAILY', { rdates: ['2027-01-30T09:00'] }),
      ['#/recurrence/rdates'],
    ],
    ['all dates left out', recurring('FREQ=DAILY;COUNT=1', { exdates: ['2027-01-31T09:00'] }), ['#/recurrence/rule']],
    ['garbage for a rule', recurring('every other tuesday'), ['#/recurrence/rule']],
  ])('%s', async (_what, body, pointers) => {
    const answer = await app.call<Problem>('alice', '/tasks', body);
    expect(answer.body.errors?.map(({ pointer }) => pointer)).toEqual(pointers);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.status).toBe(422);
    expect(await Promise.all(['tasks', 'series', 'outbox'].map(count))).toEqual([0, 0, 0]);
    expect(platform.published).toEqual([]);
  });

  function recurring(rule: string, choices: object = {}) {
    return { ...good, due, recurrence: { rule, ...choices } };
  }

  test.each([
    ['no JSON', '{', 'application/json', 400],
    ['no UTF-8', Buffer.from([0x7b, 0xff]), 'application/json', 400],
    ['deep nesting', '['.repeat(30_000) + ']'.repeat(30_000), 'application/json', 422],
    ['more than 64 KiB', `"${'a'.repeat(70_000)}"`, 'application/json', 413],
    ['another content type', '{"title":"a"}', 'text/plain', 415],
  ])('%s', async (_what, body, contentType, status) => {
    const authorization = `Bearer ${await platform.token('alice')}`;
    const headers = { authorization, 'content-type': contentType };
    const response = await app.request('/tasks', { method: 'POST', headers, body });
    expect(response.status).toBe(status);
    expect(await count('tasks')).toBe(0);
  });
});

describe('only a valid token may write', () => {
  const post = (authorization: string) => app.request('/tasks', { method: 'POST', headers: { authorization } });

  test.each(['', 'Bearer', 'Bearer x', 'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.', 'Basic YTpi'])(
    'not %o',
    async (authorization) => {
      const response = await post(authorization);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
    },
  );

  test('not one with a changed payload, nor one that has expired', async () => {
    const [header, , signature] = (await platform.token('alice')).split('.');
    const payload = Buffer.from(JSON.stringify({ sub: 'bob', exp: 4_000_000_000 })).toString('base64url');
    expect((await post(`Bearer ${header}.${payload}.${signature}`)).status).toBe(401);
    const expired = await platform.token('alice');
    platform.now = new Date(Date.now() + 13 * 60 * 60 * 1000);
    expect((await post(`Bearer ${expired}`)).status).toBe(401);
  });
});
