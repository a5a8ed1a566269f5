import createClient, { type Client } from 'openapi-fetch';
import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest';
import createTask from '../../functions/createTask/createTask.ts';
import getTask from '../../functions/getTask/getTask.ts';
import type { Task as DomainTask } from '../../shared/domain/task.ts';
import { type TestApp, type TestPlatform, testPlatform } from '../testing/testApp.ts';
import type { Problem, paths, Task } from './paths.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());

/** The client that the README shows, in front of one function. */
async function clientOf(app: TestApp): Promise<Client<paths>> {
  return createClient<paths>({
    baseUrl: 'http://api.test',
    headers: { authorization: `Bearer ${await platform.token('alice')}` },
    fetch: async (request: Request) => {
      const { method, headers } = request;
      const body = await request.text();
      return app.request(new URL(request.url).pathname, { method, headers, ...(body && { body }) });
    },
  });
}

test('a call gives what its types say', async () => {
  const due = { date: '2027-01-31', timeZone: 'Europe/Madrid' };
  const { data: task, error } = await (await clientOf(platform.app(createTask))).POST('/tasks', {
    body: { title: 'Pay rent', due, reminders: [{ before: 'P1D' }] },
  });
  expectTypeOf(task).toEqualTypeOf<Task | undefined>();
  expectTypeOf(error).toEqualTypeOf<Problem | undefined>();
  if (!task) throw new Error(error.detail);
  expect(task).toMatchObject({ title: 'Pay rent', due, priority: 'medium', version: 1 });

  const { data: again } = await (await clientOf(platform.app(getTask))).GET('/tasks/{id}', {
    params: { path: { id: task.id } },
  });
  expect(again).toEqual(task);
});

test('a refusal is a problem', async () => {
  const { error, response } = await (await clientOf(platform.app(createTask))).POST('/tasks', { body: { title: '' } });
  expect([response.status, error?.errors]).toEqual([422, [{ pointer: '#/title', detail: 'Must not be empty.' }]]);
});

test('what the schemas say is what the generated types say', () => {
  expectTypeOf<Task>().toEqualTypeOf<DomainTask>();
});

test('what the API does not know does not compile', () => {
  const wrong = (api: Client<paths>) => [
    // @ts-expect-error there is no such path
    api.GET('/task'),
    // @ts-expect-error the path takes no DELETE
    api.DELETE('/notifications'),
    // @ts-expect-error a task needs a title
    api.POST('/tasks', { body: { priority: 'high' } }),
    // @ts-expect-error there is no such priority
    api.POST('/tasks', { body: { title: 'Pay rent', priority: 'urgent' } }),
    // @ts-expect-error a due day needs a zone
    api.POST('/tasks', { body: { title: 'Pay rent', due: { date: '2027-01-31' } } }),
    // @ts-expect-error the path has a parameter
    api.GET('/tasks/{id}'),
    // @ts-expect-error a limit is a number
    api.GET('/tasks', { params: { query: { limit: 'all' } } }),
  ];
  expect(wrong).toBeTypeOf('function');
});
