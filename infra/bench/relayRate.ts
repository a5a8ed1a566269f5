import { copyFile, mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import outboxCron from '../../functions/outboxCron/outboxCron.ts';
import { allTopics } from '../../shared/events/catalogue.ts';
import { type CloudEvent, toCloudEvent } from '../../shared/events/event.ts';
import { daprPublisher, type Publisher } from '../../shared/events/publisher.ts';
import { adapterOf } from '../../shared/runtime/adapter.ts';
import { createApp } from '../../shared/runtime/app.ts';
import { mapConcurrently } from '../../shared/runtime/concurrency.ts';
import { readEnvironment } from '../../shared/runtime/environment.ts';
import { routeOf } from '../../shared/runtime/route.ts';
import { freePort, listen } from '../local/listen.ts';
import { buildDaprd } from '../real/daprd/build.ts';
import { createDaprd } from '../real/daprd/daprd.ts';
import { createBroker } from '../real/kafka/broker.ts';
import { kafkaClassPath } from '../real/kafka/jars.ts';
import { ensureTopics } from '../real/kafka/topics.ts';
import { createdEvent } from '../testing/createdEvent.ts';
import { type TestDatabase, testDatabase } from '../testing/database.ts';
import { taskSnapshot } from '../testing/taskSnapshot.ts';
import { alternate } from './alternate.ts';
import { type Figure, row } from './figure.ts';
import { type Supervision, withServer } from './server.ts';
import { summarise } from './statistics.ts';

/** Of one run; the cron's bulks are of 500. */
const EVENTS = 5000;
const EVENTS_SHORT = 100;
const BULK = 500;
const MOST_RUNS = 5;
/** Of requests with one event each, at once. */
const AT_ONCE = 8;
const TOKEN = 'bench';
const pubsub = fileURLToPath(new URL('../dapr/pubsub.yaml', import.meta.url));

/** What the outbox costs beside publishing alone: on real Kafka and Postgres, through daprd, with nobody who listens. */
export const relayRateFigure: Figure = {
  name: 'relayRate',
  summary:
    'events per second through outboxCron, beside publishing alone one by one and in bulk, through daprd to Kafka',
  onRealParts: true,
  measure: ({ runs: wanted, short, onProgress, signal }) =>
    withServer(async (serverUrl, supervision) => {
      const runs = Math.min(wanted, MOST_RUNS);
      const count = short ? EVENTS_SHORT : EVENTS;
      const database = await testDatabase({ serverUrl });
      const closers: (() => Promise<void>)[] = [database.close];
      try {
        const endpoint = await startPublishing(supervision, closers, onProgress);
        const publisher = daprPublisher({ endpoint, apiToken: TOKEN, timeoutMs: 30_000 });
        const contenders = [
          { name: 'outbox', run: relaying(database, endpoint, count) },
          { name: 'one by one', run: () => publishing(count, (events) => oneByOne(publisher, events)) },
          { name: 'bulk', run: () => publishing(count, (events) => inBulk(publisher, events)) },
        ];
        const measured = await alternate(contenders, { runs, onProgress, signal });
        const of = (name: string) => summarise(measured.get(name) ?? []);
        const outbox = { unit: '/s' as const, measured: of('outbox') };
        return [
          row(`outboxCron, beside one by one, ${AT_ONCE} at once`, { ...outbox, yardstick: of('one by one'), goal: 5 }),
          row(`outboxCron, beside bulks of ${BULK}`, { ...outbox, yardstick: of('bulk') }),
        ];
      } finally {
        for (const close of closers.reverse()) await close();
      }
    }),
};

/** Starts Kafka, and a daprd that publishes to it and subscribes to nothing; resolves to its address. */
async function startPublishing(
  { folder, supervise }: Supervision,
  closers: (() => Promise<void>)[],
  onProgress: (line: string) => void,
): Promise<string> {
  const [program, classPath] = [await buildDaprd(onProgress), await kafkaClassPath(onProgress)];
  onProgress('starting Kafka and daprd');
  const [port, controllerPort] = [await freePort(), await freePort()];
  const brokers = `127.0.0.1:${port}`;
  const kafka = await createBroker({
    classPath,
    folder: join(folder, 'kafka'),
    port,
    controllerPort,
    ...supervise('kafka'),
  });
  closers.push(kafka.stop);
  await kafka.start();
  await ensureTopics(brokers, allTopics());
  const app = await listen(
    createServer((_request, response) => response.setHeader('content-type', 'application/json').end('[]')),
    0,
  );
  closers.push(app.close);
  const resourcesPath = join(folder, 'resources');
  await mkdir(resourcesPath);
  await copyFile(pubsub, join(resourcesPath, 'pubsub.yaml'));
  const ports = { http: await freePort(), grpc: await freePort(), internal: await freePort() };
  const daprd = createDaprd({
    ...{ program, resourcesPath, ports, brokers, appPort: app.port, databaseUrl: '', apiToken: TOKEN, appToken: TOKEN },
    ...supervise('daprd'),
  });
  closers.push(daprd.stop);
  await daprd.start();
  return `http://127.0.0.1:${ports.http}`;
}

/** Fills the outbox, and lets the cron tick. */
function relaying(database: TestDatabase, endpoint: string, count: number): () => Promise<number> {
  const environment = readEnvironment(outboxCron, {
    DATABASE_URL: database.url,
    DATABASE_FETCH_ENDPOINT: database.fetchEndpoint,
    APP_API_TOKEN: TOKEN,
    DAPR_API_TOKEN: TOKEN,
    DAPR_HTTP_ENDPOINT: endpoint,
  });
  const { app } = createApp(outboxCron, adapterOf(outboxCron), { environment, log: () => {} });
  const { method, path } = routeOf(outboxCron.trigger);
  return async () => {
    await database.query(
      `insert into outbox (event_id, event_type, source, user_id, task_id, data, occurred_at, next_attempt_at)
       select gen_random_uuid(), 'task.created', '/evolution-todo/createTask', 'user-' || i, gen_random_uuid(), $1::jsonb,
              now(), now() - interval '1 minute'
       from generate_series(1, ${count}) i`,
      [taskSnapshot({ title: 'Buy milk' })],
    );
    const started = performance.now();
    const { status } = await app.request(path, { method, headers: { 'dapr-api-token': TOKEN } });
    const rate = (1000 * count) / (performance.now() - started);
    const [left] = await database.query('select 1 from outbox where published_at is null limit 1');
    if (status !== 200 || left) throw new Error(`outboxCron answered ${status} and left events unpublished`);
    return rate;
  };
}

async function publishing(count: number, publish: (events: CloudEvent[]) => Promise<void>): Promise<number> {
  const events = Array.from({ length: count }, (_, index) =>
    toCloudEvent(createdEvent(`user-${index}`), { source: '/evolution-todo/createTask' }),
  );
  const started = performance.now();
  await publish(events);
  return (1000 * count) / (performance.now() - started);
}

async function oneByOne(publisher: Publisher, events: readonly CloudEvent[]): Promise<void> {
  await mapConcurrently(events, AT_ONCE, publisher.publish);
}

async function inBulk(publisher: Publisher, events: readonly CloudEvent[]): Promise<void> {
  for (let first = 0; first < events.length; first += BULK) {
    const failures = await publisher.publishBulk(events.slice(first, first + BULK));
    for (const error of failures.values()) throw error;
  }
}
