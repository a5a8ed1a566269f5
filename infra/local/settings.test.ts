import { expect, test } from 'vitest';
import { readSettings } from './settings.ts';

test('without any setting there is one for everything', () => {
  expect(readSettings({})).toMatchObject({
    API_PORT: 8080,
    DATA_DIR: expect.stringMatching(/\.data$/),
  });
});

test('everything that is wrong is named at once', () => {
  const read = () => readSettings({ API_PORT: 'eighty', IDLE_SECONDS: '-1', DATABASE_URL: 'mysql://localhost' });
  expect(read).toThrow(/API_PORT: .*; IDLE_SECONDS: .*; DATABASE_URL: must be a postgres:\/\/ URL/);
});

test('the gateway listens on loopback unless an address is given', () => {
  expect(readSettings({})).not.toHaveProperty('GATEWAY_HOST');
  expect(readSettings({ GATEWAY_HOST: '0.0.0.0' })).toMatchObject({ GATEWAY_HOST: '0.0.0.0' });
  expect(() => readSettings({ GATEWAY_HOST: '' })).toThrow('GATEWAY_HOST');
});

test('a sidecar of one’s own comes with its tokens', () => {
  const endpoint = { DAPR_HTTP_ENDPOINT: 'http://localhost:3500' };
  expect(() => readSettings(endpoint)).toThrow('DAPR_HTTP_ENDPOINT needs DAPR_API_TOKEN and APP_API_TOKEN');
  expect(readSettings({ ...endpoint, DAPR_API_TOKEN: 'd', APP_API_TOKEN: 'a' })).toMatchObject(endpoint);
});

test.each([
  [{ SMTP_HOST: 'smtp.example.com' }, 'SMTP_HOST needs SMTP_FROM'],
  [{ SMTP_HOST: 'smtp.example.com', SMTP_FROM: 'a@example.com', SMTP_USER: 'todo' }, 'SMTP_USER and SMTP_PASSWORD'],
])('what is missing of the server for e-mails %j is said', (variables, message) => {
  expect(() => readSettings(variables)).toThrow(message);
});
