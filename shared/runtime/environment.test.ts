import { expect, test } from 'vitest';
import * as z from 'zod';
import { defineFunction } from './defineFunction.ts';
import { environmentSchema, readEnvironment } from './environment.ts';

const onEvent = defineFunction({
  name: 'onEvent',
  summary: 'Does nothing.',
  trigger: { event: 'task.created' },
  emits: ['task.updated'],
  env: { MAIL_FROM: z.email() },
  async handler() {},
});
const silentCron = defineFunction({
  name: 'silentCron',
  summary: 'Does nothing.',
  trigger: { cron: '@daily', binding: 'silent' },
  handler: async () => ({}),
});

const publicGet = defineFunction({
  name: 'publicGet',
  summary: 'Does nothing.',
  trigger: { http: 'GET /public' },
  public: true,
  output: { status: 200, body: z.object({}) },
  handler: async () => ({}),
});

const complete = {
  DATABASE_URL: 'postgres://user:password@localhost/db',
  APP_API_TOKEN: 'a',
  DAPR_HTTP_ENDPOINT: 'http://localhost:3500',
  DAPR_API_TOKEN: 'd',
  MAIL_FROM: 'todo@example.com',
};

test('a function wants what its trigger and its events bring, and what it names itself', () => {
  expect(Object.keys(environmentSchema(onEvent).shape).sort()).toEqual(
    ['DATABASE_FETCH_ENDPOINT', 'HOST', 'PORT', 'WAKE_UPS', ...Object.keys(complete)].sort(),
  );
  const { DAPR_HTTP_ENDPOINT, DAPR_API_TOKEN, MAIL_FROM, ...rest } = complete;
  expect(readEnvironment(silentCron, rest)).toEqual({ ...rest, PORT: 8080 });
});

test('a function that sends e-mails wants to know the sidecar', () => {
  const { MAIL_FROM, ...rest } = complete;
  const sending = { ...silentCron, sendsEmail: true } as const;
  expect(readEnvironment(sending, rest)).toEqual({ ...rest, PORT: 8080 });
  expect(() => readEnvironment(sending, { ...rest, DAPR_API_TOKEN: undefined })).toThrow('DAPR_API_TOKEN is not set');
});

test('a public function wants nothing to know its callers by', () => {
  const { DATABASE_URL } = complete;
  expect(readEnvironment(publicGet, { DATABASE_URL })).toEqual({ DATABASE_URL, PORT: 8080 });
});

test('a complete environment is read, with numbers as numbers', () => {
  expect(readEnvironment(onEvent, { ...complete, PORT: '9000' })).toEqual({
    ...complete,
    PORT: 9000,
    WAKE_UPS: 'jobs',
  });
});

test('everything that is missing or wrong is named at once', () => {
  const wrong = { ...complete, DATABASE_URL: 'mysql://localhost/db', APP_API_TOKEN: undefined, PORT: 'eighty' };
  const read = () => readEnvironment(onEvent, wrong);
  expect(read).toThrow(/^onEvent cannot start: /);
  expect(read).toThrow(/DATABASE_URL: /);
  expect(read).toThrow(/APP_API_TOKEN is not set/);
  expect(read).toThrow(/PORT: /);
});

test('no secret has a default, and no message shows its value', () => {
  expect(() => readEnvironment(onEvent, {})).toThrow(/DATABASE_URL is not set.*DAPR_API_TOKEN is not set/);
  expect(() => readEnvironment(onEvent, { ...complete, DATABASE_URL: 'postgres:secret' })).not.toThrow(/secret/);
});
