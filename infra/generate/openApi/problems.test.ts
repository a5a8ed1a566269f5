import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type HttpFunction, isHttp } from '../../../shared/runtime/defineFunction.ts';
import { routeOf } from '../../../shared/runtime/route.ts';
import { loadFunctions } from '../../functions.ts';
import { type TestPlatform, testPlatform } from '../../testing/testApp.ts';
import { collectSchemas } from '../jsonSchema.ts';
import { isWrite, namesThing, takesBody } from './aspects.ts';
import { problemComponents, problemResponses } from './problems.ts';

const functions = (await loadFunctions()).filter(isHttp);

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());

/** What is wrong with a request that has otherwise all that its function asks for. */
interface Fault {
  token?: 'none' | 'without scope';
  query?: string;
  body?: string;
  contentType?: string;
}

async function statusOfFaulty(definition: HttpFunction, fault: Fault): Promise<string> {
  const { method, path } = routeOf(definition.trigger);
  const { token, query = '', body = '{', contentType = 'application/json' } = fault;
  const scope = token === 'without scope' ? undefined : definition.scope;
  const response = await platform.app(definition).request(path.replaceAll(/:\w+/g, () => randomUUID()) + query, {
    method,
    headers: {
      ...(token !== 'none' && { authorization: `Bearer ${await platform.token('alice', scope)}` }),
      ...(method !== 'GET' && { 'content-type': contentType }),
    },
    ...(method !== 'GET' && { body }),
  });
  return String(response.status);
}

test.each<[string, Fault, (definition: HttpFunction) => boolean]>([
  ['400', { body: '{' }, takesBody],
  ['401', { token: 'none' }, (definition) => !definition.public],
  ['403', { token: 'without scope' }, ({ scope }) => scope !== undefined],
  ['404', {}, (definition) => namesThing(definition) && !takesBody(definition)],
  ['413', { body: JSON.stringify('a'.repeat(100_000)) }, isWrite],
  ['415', { contentType: 'text/plain' }, takesBody],
  ['422', { body: '[]' }, takesBody],
  ['422', { query: '?no-such-field=1' }, ({ input }) => input?.query !== undefined],
])(
  '%s is documented where %j brings it, and nothing else that comes is undocumented',
  async (status, fault, brings) => {
    for (const definition of functions) {
      const documented = ['200', ...Object.keys(problemResponses(definition))];
      const answered = await statusOfFaulty(definition, fault);
      expect.soft(documented, definition.name).toContain(answered);
      if (brings(definition)) expect.soft([definition.name, answered]).toEqual([definition.name, status]);
    }
  },
);

describe('the components', () => {
  const components = problemComponents(collectSchemas());

  test('have every response that is referred to', () => {
    const references = functions.flatMap((definition) => Object.values(problemResponses(definition)));
    const names = references.map(({ $ref }) => $ref.replace('#/components/responses/', ''));
    expect(Object.keys(components)).toEqual(expect.arrayContaining(names));
  });

  test('say which challenge comes with a refused token', () => {
    for (const name of ['Unauthenticated', 'Forbidden']) {
      expect(components[name]).toMatchObject({ headers: { 'WWW-Authenticate': {} } });
    }
  });
});
