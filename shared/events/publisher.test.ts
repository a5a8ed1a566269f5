import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from '../../infra/local/listen.ts';
import { type Sidecar, startSidecar } from '../../infra/local/sidecar/sidecar.ts';
import { taskSnapshot } from '../../infra/testing/taskSnapshot.ts';
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
// A port of its own for each test: the client keeps connections, which a sidecar that is started again would not know.
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'evolution-todo-publisher-'));
  port = await freePort();
});
afterEach(async () => {
  await sidecar?.close();
  sidecar = undefined;
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
      data: taskSnapshot(),
    },
    { source: '/evolution-todo/test' },
  );
}
const stored = () =>
  (sidecar?.messages(topic) ?? []).map(({ key, payload }) => ({ key, event: JSON.parse(payload.toString()) }));

test('an event is in the broker once it is published: the same event, with the task as its key', async () => {
  await start();
  const sent = event();
  await publisher().publish(sent);
  expect(stored()).toEqual([{ key: sent.subject, event: expect.objectContaining({ ...sent, topic }) }]);
});

test('with no sidecar up it gives up within its time limit, and works once there is one', async () => {
  const { publish } = publisher();
  const started = performance.now();
  await expect(publish(event())).rejects.toThrow('no answer from the sidecar within 1500 ms');
  expect(performance.now() - started).toBeLessThan(2_500);
  await start();
  await publish(event());
});

test('what the sidecar refuses is an error: a topic that is missing, a wrong token', async () => {
  await start([]);
  await expect(publisher().publish(event())).rejects.toThrow(/topic/);
  await expect(publisher('wrong').publish(event())).rejects.toThrow();
});

test('events of different tasks are published in one request, each with its own task as its key', async () => {
  await start();
  const sent = [event(), event(), event()];
  expect(await publisher().publishBulk(sent)).toEqual(new Map());
  expect(new Set(stored().map(({ key, event }) => `${key} ${event.id}`))).toEqual(
    new Set(sent.map(({ subject, id }) => `${subject} ${id}`)),
  );
});

test('of a bulk request those that failed are told, and the others are stored', async () => {
  await start();
  const tooLarge = event();
  Object.assign(tooLarge.data.data, { title: 'x'.repeat(1_200_000) });
  const sent = [event(), tooLarge, event()];
  const failures = await publisher().publishBulk(sent);
  expect([...failures.keys()]).toEqual([tooLarge]);
  expect(stored().map(({ event }) => event.id)).toEqual(expect.arrayContaining([sent[0]?.id, sent[2]?.id]));
});

test('with no sidecar up all of a bulk request failed', async () => {
  const sent = [event(), event()];
  expect([...(await publisher().publishBulk(sent)).keys()]).toEqual(sent);
});
