import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../infra/local/listen.ts';
import { type Sidecar, startSidecar } from '../../infra/local/sidecar/sidecar.ts';
import { allTopics, catalogue } from './catalogue.ts';
import { type CloudEvent, toCloudEvent } from './event.ts';
import { daprPublisher } from './publisher.ts';

const apiToken = 'token';
const topic = catalogue['task.deleted'].topic;

let dataDir: string;
let port: number;
let sidecar: Sidecar | undefined;
const start = async (topics = allTopics()) => {
  sidecar = await startSidecar({
    resourcesPath: fileURLToPath(new URL('../../infra/dapr', import.meta.url)),
    appId: 'evolution-todo',
    appChannel: 'http://127.0.0.1:9',
    port,
    dataDir,
    apiToken,
    topics,
  });
};
const stop = async () => {
  await sidecar?.close();
  sidecar = undefined;
};
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'evolution-todo-publisher-'));
  port = await freePort();
});
afterAll(async () => {
  await stop();
  await rm(dataDir, { recursive: true });
});

const publisher = (token = apiToken) =>
  daprPublisher({ endpoint: `http://127.0.0.1:${port}`, apiToken: token, timeoutMs: 1_500 });

function event(): CloudEvent {
  return toCloudEvent(
    {
      event_id: randomUUID(),
      event_type: 'task.deleted',
      timestamp: '2026-11-25T08:00:00.000Z',
      user_id: 'alice',
      task_id: randomUUID(),
      data: { version: 2, title: 'Gone' },
    },
    '/evolution-todo/test',
  );
}
const stored = () =>
  (sidecar?.messages(topic) ?? []).map(({ key, payload }) => ({ key, event: JSON.parse(payload.toString()) }));

test('an event is in the broker once it is published: the same event, with the task as its key', async () => {
  await start();
  const sent = event();
  await publisher()(sent);
  expect(stored()).toEqual([{ key: sent.subject, event: expect.objectContaining({ ...sent, topic }) }]);
  await stop();
});

test('with no sidecar up it gives up within its time limit, and works once there is one', async () => {
  const publish = publisher();
  const started = performance.now();
  await expect(publish(event())).rejects.toThrow('no answer from the sidecar within 1500 ms');
  expect(performance.now() - started).toBeLessThan(2_500);
  await start();
  await publish(event());
  await stop();
});

test('what the sidecar refuses is an error: a topic that is missing, a wrong token', async () => {
  await start([]);
  await expect(publisher()(event())).rejects.toThrow(/topic/);
  await expect(publisher('wrong')(event())).rejects.toThrow();
  await stop();
});
