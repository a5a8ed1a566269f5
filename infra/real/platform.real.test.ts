import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { allTopics, catalogue, deadLetterTopic } from '../../shared/events/catalogue.ts';
import { toCloudEvent } from '../../shared/events/event.ts';
import { daprMailer } from '../../shared/runtime/email.ts';
import { daprJobs } from '../../shared/runtime/jobs.ts';
import { isAlive } from '../local/gateway/testGateway.ts';
import { freePort } from '../local/listen.ts';
import { realWorld } from '../story/realWorld.ts';
import { signIn, type User } from '../story/user.ts';
import { taskSnapshot } from '../testing/taskSnapshot.ts';
import { kafkaClient } from './kafka/client.ts';
import { readTopics } from './kafka/messages.ts';
import { ensureTopics } from './kafka/topics.ts';
import { type RealActivity, startRealPlatform } from './platform.ts';
import type { Part } from './process/part.ts';
import { readRealSettings } from './settings.ts';

/** Longer than a killed daprd stays a member of its consumer group (10 s), and Kafka a broker of its cluster (4 s). */
const RECOVERY = { timeout: 60_000, interval: 250 };
const { topic } = catalogue['task.updated'];

const activities: RealActivity[] = [];
let world: Awaited<ReturnType<typeof realWorld>>;
let user: User;

beforeAll(async () => {
  world = await realWorld({
    onProgress: (step) => process.stderr.write(`… ${step}\n`),
    onActivity: (activity) => activities.push(activity),
  });
  user = await signIn(world, 'alice');
});
afterAll(() => world?.close());

/** What the part has told since the test began to look. */
function watch({ name }: Part): () => string[] {
  const seen = activities.length;
  return () =>
    activities.slice(seen).flatMap((activity) => ('part' in activity && activity.part === name ? [activity.kind] : []));
}

async function killFromOutside(part: Part): Promise<void> {
  const pid = part.pid();
  if (!pid) throw new Error(`${part.name} does not run`);
  process.kill(pid, 'SIGKILL');
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false));
}

/** Writes a task and waits for what follows from it: through Postgres, daprd and Kafka and back. */
async function expectEventsToFlow(): Promise<void> {
  const task = await vi.waitFor(() => user.createTask({ title: 'Buy milk' }), RECOVERY);
  await vi.waitFor(async () => {
    expect(await user.notifications(task.id)).toHaveLength(1);
  }, RECOVERY);
}

function event(number: number) {
  const data = { ...taskSnapshot({ version: number }), changed: [], previous: null };
  return toCloudEvent(
    {
      event_id: randomUUID(),
      event_type: 'task.updated',
      timestamp: new Date().toISOString(),
      user_id: 'alice',
      task_id: randomUUID(),
      data,
    },
    { source: '/evolution-todo/test' },
  );
}

it('sends an e-mail through daprd to where it is shown', async () => {
  const { daprUrl: endpoint, daprApiToken: apiToken } = world.platform;
  const sendEmail = daprMailer({ endpoint, apiToken, timeoutMs: 10_000 });
  const email = { to: 'alice@example.com', subject: 'Zahlen für Jörg', text: 'It is due.' };
  expect(await sendEmail(email)).toEqual({ outcome: 'sent' });
  expect(activities).toContainEqual({ kind: 'email', recipients: ['alice@example.com'], subject: 'Zahlen für Jörg' });
});

it('makes every topic and its dead letters, once', async () => {
  await ensureTopics(world.platform.brokers, allTopics());
  const admin = kafkaClient(world.platform.brokers).admin();
  onTestFinished(() => admin.disconnect());
  await admin.connect();
  const { topics } = await admin.fetchTopicMetadata({ topics: allTopics() });
  const partitions = Object.fromEntries(topics.map(({ name, partitions }) => [name, partitions.length]));
  expect(partitions).toEqual(Object.fromEntries(allTopics().map((name) => [name, 8])));
});

it('makes no topic that is only used', async () => {
  await expect(world.publish('evolution-todo.tasks.unheard-of', event(1), 'key')).rejects.toThrow('500');
});

it('reads back what was published, with its key, in order within a key', async () => {
  const published = Array.from({ length: 24 }, (_, n) => ({ key: `key-${n % 4}`, event: event(n + 1) }));
  for (const { key, event } of published) await world.publish(topic, event, key);

  const messages = await readTopics(world.platform.brokers, [topic]);
  const idOf = ({ value }: { value: string }) => (JSON.parse(value) as { id: string }).id;
  for (const key of ['key-0', 'key-1', 'key-2', 'key-3']) {
    const ofKey = messages.filter((message) => message.key === key);
    expect(ofKey.map(idOf)).toEqual(published.filter((each) => each.key === key).map((each) => each.event.id));
    expect(new Set(ofKey.map(({ partition }) => partition)).size).toBe(1);
    expect(ofKey.map(({ offset }) => offset)).toEqual(ofKey.map(({ offset }) => offset).sort((a, b) => a - b));
  }
  expect(messages.every(({ timestamp }) => Math.abs(Date.now() - timestamp) < 60_000)).toBe(true);
  expect(await readTopics(world.platform.brokers, [deadLetterTopic(topic)])).toEqual([]);
});

it('starts daprd again when it ends, and goes on', async () => {
  const told = watch(world.platform.daprd);
  await killFromOutside(world.platform.daprd);
  await vi.waitFor(() => expect(told()).toContain('serving'), RECOVERY);
  expect(told()[0]).toBe('ended');
  await expectEventsToFlow();
});

/** The calls of a job that no function has: the gateway refuses them, and tells of it. */
const refusedCalls = (job: string) =>
  activities.filter((each) => 'type' in each && each.type === 'refused' && each.path === `/job/${job}`);

it('keeps jobs in a scheduler that may be killed: events flow without it, and what fell due comes when it is back', async () => {
  const { daprUrl: endpoint, daprApiToken: apiToken, scheduler } = world.platform;
  const jobs = daprJobs({ endpoint, apiToken, timeoutMs: 10_000 });
  await jobs.schedule('fell-due', { due: 500, onFailure: 'drop' });
  const told = watch(scheduler);
  await killFromOutside(scheduler);
  await expectEventsToFlow();
  await vi.waitFor(() => expect(told()).toEqual(['ended', 'serving']), RECOVERY);
  await vi.waitFor(() => expect(refusedCalls('fell-due')).toHaveLength(1), RECOVERY);
});

it('serves events with no scheduler there, and jobs once it is', async () => {
  const { daprUrl: endpoint, daprApiToken: apiToken, scheduler, daprd } = world.platform;
  await scheduler.stop();
  const told = watch(daprd);
  await killFromOutside(daprd);
  await vi.waitFor(() => expect(told()).toContain('serving'), RECOVERY);
  await expectEventsToFlow();

  const jobs = daprJobs({ endpoint, apiToken, timeoutMs: 2_000 });
  await expect(jobs.schedule('set-later', { due: 0 })).rejects.toThrow();
  await scheduler.start();
  await vi.waitFor(() => jobs.schedule('set-later', { due: 0, overwrite: true, onFailure: 'drop' }), RECOVERY);
  await vi.waitFor(() => expect(refusedCalls('set-later').length).toBeGreaterThan(0), RECOVERY);
});

it('starts Kafka again on the same data when it was killed', async () => {
  const before = await readTopics(world.platform.brokers, [topic]);
  await world.platform.kafka.kill();
  await expect(world.publish(topic, event(1), 'key')).rejects.toThrow('publishing answered 500');
  await world.platform.kafka.start();
  await expectEventsToFlow();

  expect(before.length).toBeGreaterThan(0);
  expect(await readTopics(world.platform.brokers, [topic])).toEqual(expect.arrayContaining(before));
});

it('starts Postgres again on the same data when it was killed', async () => {
  const task = await user.createTask({ title: 'Kept' });
  await world.platform.postgres?.kill();
  await expect(user.getTask(task.id)).rejects.toThrow('answers 200');
  await world.platform.postgres?.start();
  await vi.waitFor(async () => expect((await user.getTask(task.id)).title).toBe('Kept'), RECOVERY);
  await expectEventsToFlow();
});

it('tells what keeps a part from starting, and leaves nothing running', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'evolution-todo-broken-'));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const [kafkaPort, postgresPort] = [await freePort(), await freePort()];
  const settings = readRealSettings({
    ...{ API_PORT: '0', APP_PORT: '0', DAPR_HTTP_PORT: '0', DATABASE_PORT: '0', ISSUER_PORT: '0' },
    ...{ KAFKA_PORT: String(kafkaPort), POSTGRES_PORT: String(postgresPort) },
    DATA_DIR: dataDir,
  });
  // The last part to start finds its resources wrong, when all others run.
  const starting = startRealPlatform({ settings, schedules: { 'no-such-binding': '* * * * * *' } });
  await expect(starting).rejects.toThrow('no cron binding named no-such-binding');
  expect(await readFile(join(dataDir, 'logs/kafka.log'), 'utf8')).toContain('Kafka Server started');
  for (const port of [kafkaPort, postgresPort]) await expect(connected(port)).rejects.toThrow('ECONNREFUSED');
});

function connected(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}
