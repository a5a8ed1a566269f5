import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import getOpenApi from './getOpenApi.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());

test('anybody can read the document, also without a token and with the issuer away', async () => {
  await platform.stopIssuer();
  const response = await platform.app(getOpenApi).request('/openapi.json', {});
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
  expect(await response.json()).toMatchObject({
    openapi: '3.1.1',
    paths: { '/openapi.json': { get: { operationId: 'getOpenApi' } } },
  });
});
