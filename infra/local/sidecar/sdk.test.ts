import { CommunicationProtocolEnum, DaprClient, DaprPubSubStatusEnum, DaprServer } from '@dapr/dapr';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSidecar } from './sidecar.ts';
import { APP_ID } from './testing/appId.ts';
import {
  cloudEvent,
  eventually,
  PUBSUB,
  resourceFolder,
  startFixture,
  subscriptionYaml,
  temporaryFolder,
} from './testing/fixture.ts';
import { startRecordingApp } from './testing/recordingApp.ts';

const FILES = { 'pubsub.yaml': PUBSUB, 'subscription.yaml': subscriptionYaml('tasks') };

/** Keeps the SDK's own log lines out of the test's output. */
const silent = { error() {}, warn() {}, info() {}, verbose() {}, debug() {} };

function connect(port: number, daprApiToken?: string): DaprClient {
  return new DaprClient({
    daprHost: '127.0.0.1',
    daprPort: String(port),
    communicationProtocol: CommunicationProtocolEnum.HTTP,
    logger: { service: silent },
    ...(daprApiToken && { daprApiToken }),
  });
}

describe("the official SDK's client", () => {
  it('publishes a complete CloudEvent, with a key', async () => {
    const { sidecar, app } = await startFixture(FILES);
    const options = { contentType: 'application/cloudevents+json', metadata: { partitionKey: 'k' } };
    expect(await connect(sidecar.port).pubsub.publish('taskevents', 'tasks', cloudEvent('e1'), options)).toEqual({});
    await eventually(() => expect(app.calls('/events/tasks')).toHaveLength(1));
    expect(JSON.parse(app.calls()[0]?.body ?? '')).toMatchObject(cloudEvent('e1'));
    expect(app.calls()[0]?.headers.__key).toBe('k');
  });

  it('publishes objects and text', async () => {
    const { sidecar, app } = await startFixture(FILES, { partitions: 1 });
    const client = connect(sidecar.port);
    await client.pubsub.publish('taskevents', 'tasks', { n: 1 });
    await client.pubsub.publish('taskevents', 'tasks', 'text');
    await eventually(() => expect(app.calls()).toHaveLength(2));
    expect(app.calls().map(({ body }) => JSON.parse(body).data)).toEqual([{ n: 1 }, 'text']);
  });

  it('is told what was refused', async () => {
    const { sidecar } = await startFixture(FILES);
    const { error } = await connect(sidecar.port).pubsub.publish('nope', 'tasks', { n: 1 });
    expect(JSON.parse(error?.message ?? '')).toMatchObject({
      status: 404,
      error_msg: expect.stringContaining('ERR_PUBSUB_NOT_FOUND'),
    });
  });

  it('publishes in bulk', async () => {
    const { sidecar, app } = await startFixture(FILES);
    const messages = ['a', 'b'].map((id) => ({ event: cloudEvent(id), contentType: 'application/cloudevents+json' }));
    expect(await connect(sidecar.port).pubsub.publishBulk('taskevents', 'tasks', messages)).toEqual({
      failedMessages: [],
    });
    await eventually(() => expect(app.calls()).toHaveLength(2));
  });

  it('reads and sets metadata, and finds the sidecar healthy', async () => {
    const { sidecar } = await startFixture(FILES, { apiToken: 'secret' });
    const client = connect(sidecar.port, 'secret');
    expect(await client.health.isHealthy()).toBe(true);
    expect(await client.metadata.set('color', 'blue')).toBe(true);
    expect(await client.metadata.get()).toMatchObject({ id: APP_ID, extended: { color: 'blue' } });
  });
});

describe("the official SDK's server", () => {
  const CRON = `
apiVersion: dapr.io/v1alpha1
kind: Component
metadata: { name: every-second }
spec: { type: bindings.cron, version: v1, metadata: [{ name: schedule, value: '@every 1s' }] }
`;

  it('subscribes, asks for a retry, drops to its dead-letter topic, and gets the ticks of a cron binding', async () => {
    const placeholder = await startRecordingApp(0);
    await placeholder.close();
    const sidecar = await startSidecar({
      resourcesPath: await resourceFolder({ 'pubsub.yaml': PUBSUB, 'cron.yaml': CRON }),
      appId: APP_ID,
      port: 0,
      appChannel: placeholder.url,
      dataDir: await temporaryFolder(),
      programmaticSubscriptions: true,
    });
    onTestFinished(() => sidecar.close());
    const server = new DaprServer({
      serverHost: '127.0.0.1',
      serverPort: String(placeholder.port),
      communicationProtocol: CommunicationProtocolEnum.HTTP,
      logger: { service: silent },
      clientOptions: { daprHost: '127.0.0.1', daprPort: String(sidecar.port) },
    });
    const seen: unknown[] = [];
    const dropped: unknown[] = [];
    let ticks = 0;
    await server.pubsub.subscribeWithOptions('taskevents', 'plain', {
      callback: async (data: unknown) => {
        seen.push(data);
        return seen.length === 1 ? DaprPubSubStatusEnum.RETRY : DaprPubSubStatusEnum.SUCCESS;
      },
    });
    await server.pubsub.subscribeWithOptions('taskevents', 'refused', {
      deadLetterTopic: 'refused-dead',
      callback: async () => DaprPubSubStatusEnum.DROP,
    });
    await server.pubsub.subscribe('taskevents', 'refused-dead', async (data: unknown) => {
      dropped.push(data);
    });
    await server.binding.receive('every-second', async () => {
      ticks += 1;
    });
    await server.start();
    onTestFinished(() => server.stop());

    await server.client.pubsub.publish('taskevents', 'plain', { n: 1 });
    await server.client.pubsub.publish('taskevents', 'refused', { n: 2 });
    await eventually(() => expect({ seen, dropped }).toEqual({ seen: [{ n: 1 }, { n: 1 }], dropped: [{ n: 2 }] }));
    await eventually(() => expect(ticks).toBeGreaterThan(0));
  });
});
