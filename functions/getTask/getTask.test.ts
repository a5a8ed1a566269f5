import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Task } from '../../shared/domain/task.ts';
import createTask from '../createTask/createTask.ts';
import getTask from './getTask.ts';

let platform: TestPlatform;
let task: Task;
beforeAll(async () => {
  platform = await testPlatform();
  const due = { date: '2027-01-31', timeZone: 'Europe/Berlin' };
  task = (await platform.app(createTask).call<Task>('alice', '/tasks', { title: 'Buy milk', due })).body;
});
afterAll(() => platform.close());

test('a task is read as it was written', async () => {
  const { status, body } = await platform.app(getTask).call<Task>('alice', `/tasks/${task.id}`);
  expect(status).toBe(200);
  expect(body).toEqual(task);
});

test.each([
  ['another user’s task', 'bob', () => task.id],
  ['a task that is not there', 'alice', () => '00000000-0000-4000-8000-000000000000'],
  ['an address that no task can have', 'alice', () => "1' or '1'='1"],
])('%s is not found', async (_what, userId, id) => {
  const { status, headers } = await platform.app(getTask).call(userId, `/tasks/${encodeURIComponent(id())}`);
  expect(status).toBe(404);
  expect(headers.get('content-type')).toBe('application/problem+json');
});

test('a token is needed', async () => {
  expect((await platform.app(getTask).request(`/tasks/${task.id}`, {})).status).toBe(401);
});
