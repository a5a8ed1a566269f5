import { expect, test } from 'vitest';
import { createRouter, type Route, type RouteOwner } from './routing.ts';

function owner(name: string, ...routes: [Route['method'], string, Route['audience']?][]): RouteOwner {
  return {
    definition: {
      name,
      routes: routes.map(([method, path, audience = 'public']) => ({ method, path, audience })),
    },
  };
}

const owners = [
  owner('getTask', ['GET', '/tasks/:id']),
  owner('listTasks', ['GET', '/tasks']),
  owner('createTask', ['POST', '/tasks']),
  owner('completeTask', ['POST', '/tasks/:id/complete']),
  owner('getStats', ['GET', '/tasks/stats']),
  owner('onTaskCreated', ['POST', '/events/task-created', 'internal']),
];
const route = createRouter(owners, ['public']);

function found(method: string, path: string): string {
  const match = route(method, path);
  return match.kind === 'owner' ? match.owner.definition.name : match.kind;
}

test.each([
  ['GET', '/tasks', 'listTasks'],
  ['POST', '/tasks', 'createTask'],
  ['GET', '/tasks/7', 'getTask'],
  ['HEAD', '/tasks/7', 'getTask'],
  ['GET', '/tasks/a%2Fb', 'getTask'],
  ['GET', '/t%61sks/7', 'getTask'],
  ['GET', '/tasks/%', 'getTask'],
  ['POST', '/tasks/7/complete', 'completeTask'],
])('%s %s goes to its function', (method, path, name) => {
  expect(found(method, path)).toBe(name);
});

test('a fixed segment wins over a parameter, whatever the order of the functions', () => {
  expect(found('GET', '/tasks/stats')).toBe('getStats');
});

test.each(['/', '', '*', '/task', '/tasks/', '/tasks/7/', '/tasks//complete', '//tasks', '/events/task-created'])(
  '%s is unknown to the public',
  (path) => {
    expect(found('GET', path)).toBe('unknown');
  },
);

test.each(['/tasks/..', '/tasks/%2e%2e', '/tasks/..\\events\\task-created', '/./tasks'])(
  '%s, which a URL parser would rewrite, is unknown',
  (path) => {
    expect(found('GET', path)).toBe('unknown');
  },
);

test('a known path with another method tells the methods it takes', () => {
  expect(route('DELETE', '/tasks')).toEqual({ kind: 'wrong-method', allow: ['GET', 'HEAD', 'POST'] });
  expect(route('GET', '/tasks/7/complete')).toEqual({ kind: 'wrong-method', allow: ['POST'] });
});

test('a router has the routes of its audiences only', () => {
  const internal = createRouter(owners, ['internal']);
  expect(internal('POST', '/events/task-created')).toMatchObject({ kind: 'owner' });
  expect(internal('GET', '/tasks')).toEqual({ kind: 'unknown' });
  const both = createRouter(owners, ['internal', 'public']);
  expect(both('POST', '/events/task-created')).toMatchObject({ kind: 'owner' });
  expect(both('GET', '/tasks')).toMatchObject({ kind: 'owner' });
});

test('paths that differ only in the names of their parameters collide', () => {
  const colliding = [owner('a', ['GET', '/tasks/:id']), owner('b', ['GET', '/tasks/:task'])];
  expect(() => createRouter(colliding, ['public'])).toThrow('a and b both take GET /tasks/:task');
});

test.each(['tasks', '/tasks/*', '/tasks/:id?', '/tasks/:id{[0-9]+}', '/tasks/a:b'])('%s cannot be routed', (path) => {
  expect(() => createRouter([owner('a', ['GET', path])], ['public'])).toThrow(`a: cannot route the path ${path}`);
});

test('no function can take the health path', () => {
  expect(() => createRouter([owner('a', ['GET', '/healthz'])], ['public'])).toThrow("is the gateway's own");
});
