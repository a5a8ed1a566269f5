import { expect, test } from 'vitest';
import * as z from 'zod';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { loadFunctions } from '../functions.ts';
import { openApi } from './openApi.ts';

const echo = defineFunction({
  name: 'putEcho',
  summary: 'Echoes.',
  trigger: { http: 'PUT /admin/tasks/:id/echo' },
  scope: 'admin',
  input: {
    params: z.object({ id: z.uuid() }),
    query: z.strictObject({ times: z.coerce.number().int().max(3).default(1).describe('How often.') }),
    body: z.strictObject({ word: z.string() }),
  },
  output: { status: 201, body: z.object({ words: z.array(z.string()) }), location: () => '/', version: () => 1 },
  handler: async () => ({ words: [] }),
});
const open = defineFunction({
  name: 'getOpen',
  summary: 'Open to all.',
  trigger: { http: 'GET /openapi.json' },
  public: true,
  output: { status: 200, body: z.object({}) },
  handler: async () => ({}),
});
const unknown = defineFunction({
  name: 'getWeather',
  summary: 'Tells the weather.',
  trigger: { http: 'GET /weather' },
  output: { status: 200, body: z.object({}) },
  handler: async () => ({}),
});

const document = (definitions: Parameters<typeof openApi>[0]) => JSON.parse(openApi(definitions, '1.2.3'));

test('an operation says all that its definition says', () => {
  expect(document([echo]).paths).toEqual({
    '/admin/tasks/{id}/echo': {
      put: {
        operationId: 'putEcho',
        summary: 'Echoes.',
        tags: ['Tasks'],
        security: [{ bearer: ['admin'] }],
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
          {
            name: 'times',
            in: 'query',
            required: false,
            description: 'How often.',
            schema: expect.objectContaining({ type: 'integer', maximum: 3, default: 1 }),
          },
          { $ref: '#/components/parameters/IdempotencyKey' },
          { $ref: '#/components/parameters/IfMatch' },
          { $ref: '#/components/parameters/XRequestId' },
        ],
        requestBody: {
          required: true,
          content: { 'application/json': { schema: expect.objectContaining({ required: ['word'] }) } },
        },
        responses: {
          201: {
            description: 'Created.',
            headers: {
              ETag: { $ref: '#/components/headers/ETag' },
              'Idempotency-Replayed': { $ref: '#/components/headers/IdempotencyReplayed' },
              Location: { $ref: '#/components/headers/Location' },
              'X-Request-Id': { $ref: '#/components/headers/XRequestId' },
            },
            content: { 'application/json': { schema: expect.objectContaining({ required: ['words'] }) } },
          },
          400: { $ref: '#/components/responses/Malformed' },
          401: { $ref: '#/components/responses/Unauthenticated' },
          403: { $ref: '#/components/responses/Forbidden' },
          404: { $ref: '#/components/responses/NotFound' },
          409: { $ref: '#/components/responses/Conflict' },
          412: { $ref: '#/components/responses/PreconditionFailed' },
          413: { $ref: '#/components/responses/TooLarge' },
          415: { $ref: '#/components/responses/UnsupportedMediaType' },
          422: { $ref: '#/components/responses/Invalid' },
          '5XX': { $ref: '#/components/responses/Failure' },
        },
      },
    },
  });
});

test('what takes nothing and is open to all can refuse nothing, and asks for no token', () => {
  const { get } = document([open]).paths['/openapi.json'];
  expect(Object.keys(get.responses)).toEqual(['200', '5XX']);
  expect(get.security).toEqual([]);
});

test('a GET with a version can be answered with 304, and a PATCH takes a merge patch', async () => {
  const { '/tasks/{id}': path } = document(await loadFunctions()).paths;
  expect(path.get.parameters).toContainEqual({ $ref: '#/components/parameters/IfNoneMatch' });
  expect(path.get.responses[304]).toMatchObject({ headers: { ETag: { $ref: '#/components/headers/ETag' } } });
  expect(Object.keys(path.patch.requestBody.content)).toEqual(['application/merge-patch+json', 'application/json']);
});

test('the document has the version of the project, and the tags that are in use', () => {
  const { info, tags } = document([open, echo]);
  expect(info.version).toBe('1.2.3');
  expect(tags.map(({ name }: { name: string }) => name)).toEqual(['Documents', 'Tasks']);
});

test('a path of no known group is refused, with what to do', () => {
  expect(() => openApi([unknown], '1.2.3')).toThrow(/add "weather" to infra\/generate\/openApi\/tags\.ts/);
});

test('the schemas that clients write code for have stable names', async () => {
  const { components } = document(await loadFunctions());
  expect(Object.keys(components.schemas)).toEqual(
    expect.arrayContaining([
      'DeadLetter',
      'Due',
      'NewTask',
      'Notification',
      'Problem',
      'Schedule',
      'Series',
      'Reminder',
      'Task',
    ]),
  );
});
