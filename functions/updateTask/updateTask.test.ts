import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Task } from '../../shared/domain/task.ts';
import type { Problem } from '../../shared/runtime/problem.ts';
import completeTask from '../completeTask/completeTask.ts';
import createTask from '../createTask/createTask.ts';
import deleteTask from '../deleteTask/deleteTask.ts';
import getTask from '../getTask/getTask.ts';
import updateTask from './updateTask.ts';

const now = new Date('2026-11-25T09:00:00.000Z');

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(updateTask);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, { published: [], now });
});

const due = { dateTime: '2026-12-01T10:00:00', timeZone: 'Europe/Madrid' };
async function create(about: object = {}): Promise<Task> {
  const { body } = await platform.app(createTask).call<Task>('alice', '/tasks', { title: 'Buy milk', ...about });
  platform.published.length = 0;
  return body;
}
const patch = <Body = Task>(task: Task, body: unknown, headers = {}) =>
  app.call<Body>('alice', `/tasks/${task.id}`, body, headers);
const stored = async ({ id }: Task) => (await platform.app(getTask).call<Task>('alice', `/tasks/${id}`)).body;

describe('a merge patch', () => {
  test('changes what it names, leaves the rest, and is told of with its fields', async () => {
    const task = await create({ description: 'Two litres', tags: ['home'], priority: 'low' });
    const { status, body, headers } = await patch(task, { title: 'Buy oat milk', priority: 'high' });
    expect([status, headers.get('etag')]).toEqual([200, '"2"']);
    expect(body).toEqual({
      ...task,
      ...{ title: 'Buy oat milk', priority: 'high', version: 2, updatedAt: now.toISOString() },
    });
    expect(await stored(task)).toEqual(body);
    expect(platform.published).toMatchObject([
      { type: 'task.updated', subject: task.id, data: { data: { version: 2, changed: ['title', 'priority'] } } },
    ]);
  });

  test('takes a value away by null, or puts the usual one back', async () => {
    const task = await create({ description: 'Two litres', tags: ['home'], priority: 'low', due });
    const { body } = await patch(task, { description: null, tags: null, priority: null, due: null });
    expect(body).toMatchObject({ description: null, tags: [], priority: 'medium', due: null, dueAt: null });
    expect(await stored(task)).toEqual(body);
  });

  test('is taken under its own content type', async () => {
    const task = await create();
    const { status } = await patch(task, { title: 'x' }, { 'content-type': 'application/merge-patch+json' });
    expect(status).toBe(200);
  });

  test('that changes nothing writes nothing', async () => {
    const task = await create({ tags: ['home'] });
    const { status, body } = await patch(task, { title: 'Buy milk', tags: ['home'] });
    expect([status, body, platform.published]).toEqual([200, task, []]);
  });
});

describe('reminders', () => {
  test('relative ones move with the due time and remind anew; absolute ones stay', async () => {
    const task = await create({ due, reminders: [{ before: 'P1D' }, { at: '2026-11-30T07:00:00.000Z' }] });
    const { body } = await patch(task, { due: { dateTime: '2026-12-25T10:00:00', timeZone: 'Europe/Madrid' } });
    const [absolute, relative] = body.reminders;
    expect(absolute).toEqual(task.reminders.find(({ spec }) => 'at' in spec));
    expect(relative).toMatchObject({ remindAt: '2026-12-24T09:00:00.000Z', status: 'pending' });
    expect(relative?.id).toBe(task.reminders.find(({ spec }) => 'before' in spec)?.id);
    expect(await stored(task)).toEqual(body);
  });

  test('a list of them replaces the one before; what is in both stays the same', async () => {
    const task = await create({ due, reminders: [{ before: 'P1D' }, { before: 'PT1H' }] });
    const { body } = await patch(task, { reminders: [{ before: 'PT1H' }, { before: 'PT5M' }] });
    const idOf = ({ reminders }: Task, before: string) =>
      reminders.find(({ spec }) => 'before' in spec && spec.before === before)?.id;
    expect(body.reminders).toHaveLength(2);
    expect(idOf(body, 'PT1H')).toBe(idOf(task, 'PT1H'));
    expect(await stored(task)).toEqual(body);
  });

  test('of a completed task do not come alive', async () => {
    const task = await create({ due, reminders: [{ before: 'P1D' }] });
    await platform.app(completeTask).call('alice', `/tasks/${task.id}/complete`);
    const { body } = await patch(task, { due: { ...due, dateTime: '2026-12-02T10:00:00' } });
    expect(body.reminders.map(({ status }) => status)).toEqual(['cancelled']);
  });

  test('that would lose their due time are refused, and nothing changes', async () => {
    const task = await create({ due, reminders: [{ before: 'P1D' }] });
    const { status, body } = await patch<Problem>(task, { due: null });
    expect([status, body.errors?.[0]?.pointer]).toEqual([422, '#/due']);
    expect(await stored(task)).toEqual(task);
  });
});

describe('versions', () => {
  test('a patch for the version that is there is taken, for another refused with 412', async () => {
    const task = await create();
    expect((await patch(task, { title: 'one' }, { 'if-match': '"1"' })).status).toBe(200);
    const refused = await patch<Problem>(task, { title: 'two' }, { 'if-match': '"1"' });
    expect([refused.status, refused.body.type]).toEqual([412, 'urn:evolution-todo:problem:precondition-failed']);
    expect((await patch(task, { title: 'three' }, { 'if-match': '"7", "2"' })).status).toBe(200);
    expect((await patch(task, { title: 'four' }, { 'if-match': '*' })).status).toBe(200);
    expect((await patch(task, { title: 'five' }, { 'if-match': 'W/"4"' })).status).toBe(412);
    expect(await stored(task)).toMatchObject({ title: 'four', version: 4 });
  });

  test('patches at once are all made, one after the other; with a version, one of them', async () => {
    const task = await create();
    const fields = [{ title: 'new' }, { priority: 'high' }, { description: 'new' }];
    const answers = await Promise.all(fields.map((body) => patch(task, body)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await stored(task)).toMatchObject({ title: 'new', priority: 'high', description: 'new', version: 4 });

    const raced = await Promise.all(fields.map((_, n) => patch(task, { title: `${n}` }, { 'if-match': '"4"' })));
    expect(raced.map(({ status }) => status).sort()).toEqual([200, 412, 412]);
  });
});

describe('what is refused, and changes nothing', () => {
  test.each([
    ['an empty patch', {}, '#'],
    ['a title of null', { title: null }, '#/title'],
    ['an unknown field', { colour: 'red' }, '#/colour'],
    ['a field that is not the client’s', { version: 7 }, '#/version'],
    ['a recurrence', { recurrence: { rule: 'FREQ=DAILY' } }, '#/recurrence'],
    ['a day that does not exist', { due: { date: '2026-02-30', timeZone: 'UTC' } }, '#/due/date'],
  ])('%s', async (_what, body, pointer) => {
    const task = await create();
    const answer = await patch<Problem>(task, body);
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, pointer]);
    expect([await stored(task), platform.published]).toEqual([task, []]);
  });

  test('another user’s task, a deleted one, and one that never was', async () => {
    const task = await create();
    expect((await app.call('bob', `/tasks/${task.id}`, { title: 'mine' })).status).toBe(404);
    expect(await stored(task)).toEqual(task);
    await platform.app(deleteTask).call('alice', `/tasks/${task.id}`);
    expect((await patch(task, { title: 'x' })).status).toBe(404);
    expect((await app.call('alice', `/tasks/${randomUUID()}`, { title: 'x' })).status).toBe(404);
  });
});
