import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSidecar } from './sidecar.ts';
import { APP_ID } from './testing/appId.ts';
import {
  cloudEvent,
  eventually,
  PUBSUB,
  RESILIENCY,
  resourceFolder,
  startFixture,
  subscriptionYaml,
  temporaryFolder,
} from './testing/fixture.ts';
import { startRecordingApp } from './testing/recordingApp.ts';

const FILES = { 'pubsub.yaml': PUBSUB, 'subscription.yaml': subscriptionYaml('tasks', 'deadLetterTopic: tasks.dead') };

describe('the HTTP API', () => {
  it('answers a path that cannot be decoded with 404', async () => {
    const { sidecar } = await startFixture(FILES);
    const response = await fetch(`${sidecar.url}/v1.0/publish/taskevents/%zz`, { method: 'POST' });
    expect([response.status, await response.json()]).toMatchObject([404, { errorCode: 'ERR_DIRECT_INVOKE' }]);
  });

  it('answers a path that is no URL with 404', async () => {
    const { sidecar } = await startFixture(FILES);
    const socket = connect(sidecar.port, '127.0.0.1');
    socket.write('GET // HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    expect((await socket.setEncoding('utf8').toArray()).join('')).toContain('HTTP/1.1 404');
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
      'queue.yaml': PUBSUB.replace('pubsub.kafka', 'bindings.rabbitmq').replace('taskevents', 'queue'),
      'smtp.yaml': PUBSUB.replace('pubsub.kafka', 'bindings.smtp').replace(/taskevents|spec:/g, (word) =>
        word === 'spec:' ? 'spec:\n  ignoreErrors: true' : 'mail',
      ),
      'orphan.yaml': subscriptionYaml('tasks').replace('taskevents', 'nowhere'),
    });
    expect(ofKind('warning').map(({ message }) => message)).toEqual([
      expect.stringContaining('pubsub.yaml: a Resiliency that is not alone in its file is ignored'),
      'the component mail is left out: host and port fields are required in metadata',
      'the component queue is of type bindings.rabbitmq, which is not served here',
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
});
