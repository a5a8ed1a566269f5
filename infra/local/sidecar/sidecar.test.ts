import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSidecar } from './sidecar.ts';
import { APP_ID } from './testing/appId.ts';
import {
  cloudEvent,
  eventually,
  PUBSUB,
  publishTo,
  RESILIENCY,
  resourceFolder,
  startFixture,
  subscriptionYaml,
  temporaryFolder,
} from './testing/fixture.ts';
import { startRecordingApp } from './testing/recordingApp.ts';

const FILES = { 'pubsub.yaml': PUBSUB, 'subscription.yaml': subscriptionYaml('tasks', 'deadLetterTopic: tasks.dead') };

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('the API token', () => {
  it('is asked of every caller, with 401 in plain text, and health stays open', async () => {
    const { sidecar, publish } = await startFixture(FILES, { apiToken: 'secret' });
    for (const headers of [{}, { 'dapr-api-token': 'wrong' }]) {
      const refused = await publish('tasks', cloudEvent('e'), { headers });
      expect([refused.status, refused.headers.get('content-type'), await refused.text()]).toEqual([
        401,
        'text/plain; charset=utf-8',
        'invalid api token\n',
      ]);
    }
    expect((await fetch(`${sidecar.url}/v1.0/metadata`)).status).toBe(401);
    expect((await fetch(`${sidecar.url}/v1.0/healthz`)).status).toBe(204);
    expect((await fetch(`${sidecar.url}/v1.0/healthz/outbound`)).status).toBe(204);
    expect((await publish('tasks', cloudEvent('e'), { headers: { 'dapr-api-token': 'secret' } })).status).toBe(204);
  });
});

describe('while the app does not listen', () => {
  it('health is 500, publishing works, and deliveries begin when it does', async () => {
    const port = await unusedPort();
    const sidecar = await startSidecar({
      resourcesPath: await resourceFolder(FILES),
      appId: APP_ID,
      port: 0,
      appChannel: `http://127.0.0.1:${port}`,
      dataDir: await temporaryFolder(),
    });
    onTestFinished(() => sidecar.close());
    const health = await fetch(`${sidecar.url}/v1.0/healthz`);
    expect([health.status, await health.json()]).toEqual([
      500,
      { errorCode: 'ERR_HEALTH_NOT_READY', message: 'dapr is not ready: [runtime]' },
    ]);
    expect((await fetch(`${sidecar.url}/v1.0/healthz/outbound`)).status).toBe(204);
    expect((await publishTo(sidecar.url, 'tasks', cloudEvent('early'))).status).toBe(204);

    const app = await startRecordingApp(port);
    onTestFinished(() => app.close());
    await eventually(() => expect(app.calls('/events/tasks')).toHaveLength(1));
    expect((await fetch(`${sidecar.url}/v1.0/healthz`)).status).toBe(204);
  });
});

describe('metadata', () => {
  it('names the app, components, subscriptions and where the app is', async () => {
    const { sidecar, app } = await startFixture({
      ...FILES,
      'resiliency.yaml': RESILIENCY,
      'cron.yaml': `
apiVersion: dapr.io/v1alpha1
kind: Component
metadata: { name: hourly }
spec: { type: bindings.cron, version: v1, metadata: [{ name: schedule, value: '@hourly' }, { name: direction, value: input }] }
`,
    });
    expect(await (await fetch(`${sidecar.url}/v1.0/metadata`)).json()).toMatchObject({
      id: APP_ID,
      runtimeVersion: '1.18.1',
      components: [
        { name: 'taskevents', type: 'pubsub.kafka', version: 'v1', capabilities: [] },
        { name: 'hourly', type: 'bindings.cron', version: 'v1', capabilities: ['INPUT_BINDING'] },
      ],
      subscriptions: [
        {
          pubsubname: 'taskevents',
          topic: 'tasks',
          rules: [{ path: '/events/tasks' }],
          deadLetterTopic: 'tasks.dead',
          type: 'DECLARATIVE',
        },
      ],
      appConnectionProperties: { port: app.port, protocol: 'http', channelAddress: '127.0.0.1' },
      resiliencies: [{ name: 'resiliency' }],
    });
  });

  it("takes values of one's own", async () => {
    const { sidecar } = await startFixture(FILES);
    expect((await fetch(`${sidecar.url}/v1.0/metadata/color`, { method: 'PUT', body: 'blue' })).status).toBe(204);
    expect(await (await fetch(`${sidecar.url}/v1.0/metadata`)).json()).toMatchObject({ extended: { color: 'blue' } });
  });
});

describe('the HTTP API', () => {
  it.each([
    ['GET', '/'],
    ['GET', '/v1.0/publish/taskevents/tasks'],
    ['POST', '/v1.0/publish/taskevents'],
    ['POST', '/v1.0/publish/taskevents/%zz'],
    ['POST', '/v1.0/state/store'],
  ])('answers %s %s as daprd does what it does not know', async (method, path) => {
    const { sidecar } = await startFixture(FILES);
    const response = await fetch(sidecar.url + path, { method });
    expect([response.status, await response.json()]).toEqual([
      404,
      {
        errorCode: 'ERR_DIRECT_INVOKE',
        message: 'failed getting app id either from the URL path or the header dapr-app-id',
      },
    ]);
  });

  it('says so when its port is taken, and leaves its data folder closed', async () => {
    const { sidecar } = await startFixture(FILES);
    const options = {
      resourcesPath: await resourceFolder(FILES),
      appId: APP_ID,
      port: sidecar.port,
      appChannel: 'http://127.0.0.1:9',
      dataDir: await temporaryFolder(),
    };
    await expect(startSidecar(options)).rejects.toThrow(`127.0.0.1:${sidecar.port} is in use by another program`);
    const second = await startSidecar({ ...options, port: 0 });
    await second.close();
  });
});

describe('subscriptions that the app declares itself', () => {
  it('are asked for only when wanted', async () => {
    const { app } = await startFixture(FILES);
    expect(app.calls('/dapr/subscribe')).toEqual([]);
  });

  it('are served beside the declarative ones, with or without a leading slash in the route', async () => {
    const app = await startRecordingApp(0);
    onTestFinished(() => app.close());
    const declared = [
      { pubsubname: 'taskevents', topic: 'extra', route: 'events/extra' },
      { pubsubname: 'taskevents', topic: 'routed', routes: { default: '/events/routed' }, deadLetterTopic: 'd' },
      { pubsubname: 'taskevents', topic: 'tasks', route: '/never' },
    ];
    app.answer('/dapr/subscribe', (_call, earlier) =>
      earlier === 0 ? { status: 500 } : { status: 200, body: JSON.stringify(declared) },
    );
    const { publish, ofKind } = await startFixture(FILES, {
      appChannel: app.url,
      programmaticSubscriptions: true,
      appToken: 't',
    });
    for (const topic of ['extra', 'routed', 'tasks']) await publish(topic, cloudEvent(topic));
    await eventually(() => {
      for (const path of ['/events/extra', '/events/routed', '/events/tasks']) expect(app.calls(path)).toHaveLength(1);
    });
    expect(app.calls('/never')).toEqual([]);
    expect(app.calls('/dapr/subscribe')[0]?.headers['dapr-api-token']).toBe('t');
    expect(ofKind('warning').map(({ message }) => message)).toContain('only the first subscription to tasks is served');
  });
});

describe('what the sidecar tells', () => {
  it('is the way of an event from its acceptance to its end', async () => {
    const { app, publish, activities } = await startFixture({ ...FILES, 'resiliency.yaml': RESILIENCY });
    app.answer('/events/tasks', (_call, earlier) => ({ status: earlier === 0 ? 503 : 200 }));
    await publish('tasks', cloudEvent('e1'), { key: 'k' });
    await eventually(() => expect(activities.at(-1)?.kind).toBe('delivered'));
    const event = {
      pubsubName: 'taskevents',
      topic: 'tasks',
      key: 'k',
      offset: 0,
      eventId: 'e1',
      eventType: 'task.created',
    };
    expect(activities).toMatchObject([
      { kind: 'app-found', appChannel: app.url },
      { kind: 'published', event },
      { kind: 'retrying', event, route: '/events/tasks', attempt: 1, reason: 'the app answered 503', inMs: 10 },
      { kind: 'delivered', event, route: '/events/tasks', attempt: 2, durationMs: expect.any(Number) },
    ]);
  });

  it('is a warning for what it does not serve', async () => {
    const { ofKind } = await startFixture({
      'pubsub.yaml': `${PUBSUB}\n---\n${RESILIENCY}`,
      'smtp.yaml': PUBSUB.replace('pubsub.kafka', 'bindings.smtp').replace('taskevents', 'mail'),
      'orphan.yaml': subscriptionYaml('tasks').replace('taskevents', 'nowhere'),
    });
    expect(ofKind('warning').map(({ message }) => message)).toEqual([
      expect.stringContaining('pubsub.yaml: a Resiliency that is not alone in its file is ignored'),
      'the component mail is of type bindings.smtp, which is not served here',
      'the subscription to tasks names the component nowhere, which does not exist',
    ]);
  });
});

describe('closing', () => {
  it('lets a running delivery end, in which the function may still publish, and begins no other', async () => {
    const { app, sidecar, publish, ofKind } = await startFixture(FILES, { partitions: 1 });
    let finish = () => {};
    app.answer('/events/tasks', async () => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      return { status: (await publish('followers', cloudEvent('f'))).status };
    });
    await publish('tasks', cloudEvent('a'));
    await publish('tasks', cloudEvent('b'));
    await eventually(() => expect(app.calls()).toHaveLength(1));
    const closed = sidecar.close();
    finish();
    await closed;
    expect(ofKind('delivered')).toMatchObject([{ event: { eventId: 'a' } }]);
    expect(app.calls()).toHaveLength(1);
    await expect(fetch(`${sidecar.url}/v1.0/healthz`)).rejects.toThrow();
  });

  it('sends nothing to the dead-letter topic that it cut off: it is delivered again after the next start', async () => {
    const dataDir = await temporaryFolder();
    const first = await startFixture(FILES, { dataDir });
    first.app.answer('/events/tasks', () => ({ status: 500 }));
    await first.sidecar.close();
    const second = await startFixture({ ...FILES, 'resiliency.yaml': RESILIENCY.replace('10ms', '10s') }, { dataDir });
    second.app.answer('/events/tasks', () => ({ status: 500 }));
    await second.publish('tasks', cloudEvent('a'));
    await eventually(() => expect(second.ofKind('retrying')).toHaveLength(1));
    await second.sidecar.close();
    const third = await startFixture(FILES, { dataDir });
    await eventually(() => expect(third.ofKind('delivered')).toMatchObject([{ event: { eventId: 'a' } }]));
    expect(third.sidecar.messages('tasks.dead')).toEqual([]);
  });
});
