import { describe, expect, it } from 'vitest';
import { type Bench, eventually } from '../bench.ts';

/** The sidecar's API beside publishing: who may call it, how it is, and what it tells of itself. */
export function describeApi(bench: Bench): void {
  const topic = bench.topic('told', { deadLetters: true });

  describe('the API token', () => {
    it('is asked of every caller, with 401 in plain text', async () => {
      const { url } = bench.subject();
      for (const headers of [{}, { 'dapr-api-token': 'wrong' }] as Record<string, string>[]) {
        for (const path of [`/v1.0/publish/${topic.component}/${topic.name}`, '/v1.0/metadata']) {
          const refused = await fetch(url + path, { method: path.includes('publish') ? 'POST' : 'GET', headers });
          expect([refused.status, refused.headers.get('content-type'), await refused.text()]).toEqual([
            401,
            'text/plain; charset=utf-8',
            'invalid api token\n',
          ]);
        }
      }
    });

    it('is not asked of who wants to know whether the sidecar is well', async () => {
      for (const path of ['/v1.0/healthz', '/v1.0/healthz/outbound']) {
        expect((await fetch(bench.subject().url + path)).status).toBe(204);
      }
    });
  });

  describe('metadata', () => {
    const metadata = async () => (await bench.request('/v1.0/metadata')).json() as Promise<Record<string, unknown>>;

    it('names the app and where it is, components, subscriptions and policies', async () => {
      const { components, subscriptions, resiliencies, ...rest } = await metadata();
      expect(rest).toMatchObject({
        id: 'evolution-todo',
        runtimeVersion: '1.18.1',
        appConnectionProperties: { port: bench.app().port, protocol: 'http', channelAddress: '127.0.0.1' },
      });
      expect(components).toContainEqual({
        name: 'bare',
        type: 'pubsub.kafka',
        version: 'v1',
        capabilities: ['BULK_PUBSUB'],
      });
      expect(components).toContainEqual({
        name: 'steady',
        type: 'bindings.cron',
        version: 'v1',
        capabilities: ['INPUT_BINDING'],
      });
      expect(subscriptions).toContainEqual({
        pubsubname: topic.component,
        topic: topic.name,
        rules: [{ path: topic.route }],
        deadLetterTopic: `${topic.name}.dead`,
        type: 'DECLARATIVE',
      });
      expect(resiliencies).toEqual(expect.arrayContaining([{ name: 'resiliency' }, { name: 'apps' }]));
      expect(resiliencies).not.toContainEqual({ name: 'misplaced' });
    });

    it("takes values of one's own", async () => {
      expect((await bench.request('/v1.0/metadata/color', { method: 'PUT', body: 'blue' })).status).toBe(204);
      await eventually(async () => expect(await metadata()).toMatchObject({ extended: { color: 'blue' } }));
    });
  });

  it.each([
    ['GET', '/'],
    ['GET', '/v1.0/publish/bare/tasks'],
    ['POST', '/v1.0/publish/bare'],
  ])('%s %s is taken for the call of an app that is not named', async (method, path) => {
    const response = await bench.request(path, { method });
    expect([response.status, await response.json()]).toEqual([
      404,
      {
        errorCode: 'ERR_DIRECT_INVOKE',
        message: 'failed getting app id either from the URL path or the header dapr-app-id',
      },
    ]);
  });
}
