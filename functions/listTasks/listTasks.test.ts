import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Task } from '../../shared/domain/task.ts';
import createTask from '../createTask/createTask.ts';
import listTasks from './listTasks.ts';

interface Page {
  items: Task[];
  next: string | null;
}

let platform: TestPlatform;
let app: TestApp;
const newestFirst = ['seven', 'six', 'five', 'four', 'three', 'two', 'one'];
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(listTasks);
  const create = platform.app(createTask);
  for (const [index, title] of newestFirst.toReversed().entries()) {
    platform.now = new Date(Date.now() + index);
    await create.call('alice', '/tasks', { title });
  }
  platform.now = undefined;
  await create.call('bob', '/tasks', { title: 'not hers' });
});
afterAll(() => platform.close());

test('a user’s own tasks are listed, newest first', async () => {
  const { status, body } = await app.call<Page>('alice', '/tasks');
  expect(status).toBe(200);
  expect(body.items.map(({ title }) => title)).toEqual(newestFirst);
  expect(body.next).toBeNull();
});

test('pages follow one another without a gap or a repetition, also while tasks are added', async () => {
  const seen: string[] = [];
  let query = '?limit=3';
  for (;;) {
    const { body }: { body: Page } = await app.call<Page>('alice', `/tasks${query}`);
    seen.push(...body.items.map(({ title }) => title));
    if (!body.next) break;
    query = `?limit=3&cursor=${body.next}`;
    await platform.app(createTask).call('carol', '/tasks', { title: 'meanwhile' });
  }
  expect(seen).toEqual(newestFirst);
});

test.each(['?limit=0', '?limit=101', '?limit=many', '?cursor=x', '?cursor=e30', '?colour=red'])(
  'the query %s is refused',
  async (query) => {
    expect((await app.call('alice', `/tasks${query}`)).status).toBe(422);
  },
);
