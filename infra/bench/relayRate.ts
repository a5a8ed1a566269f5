import { createServer } from 'node:http';
import outboxCron from '../../functions/outboxCron/outboxCron.ts';
import { type CloudEvent, toCloudEvent } from '../../shared/events/event.ts';
import { daprPublisher, type Publisher } from '../../shared/events/publisher.ts';
import { adapterOf } from '../../shared/runtime/adapter.ts';
import { createApp } from '../../shared/runtime/app.ts';
import { mapConcurrently } from '../../shared/runtime/concurrency.ts';
import { readEnvironment } from '../../shared/runtime/environment.ts';
import { routeOf } from '../../shared/runtime/route.ts';
import { createdEvent } from '../testing/createdEvent.ts';
import { type TestDatabase, testDatabase } from '../testing/database.ts';
import { createTestDatabase } from '../testing/serverTemplate.ts';
import { taskSnapshot } from '../testing/taskSnapshot.ts';
import { alternate } from './alternate.ts';
import { startDaprOnKafka, TOKEN } from './daprOnKafka.ts';
import { type Figure, row } from './figure.ts';
import { graphileWorker, pgBoss, type Queue } from './queues.ts';
import { withServer } from './server.ts';
import { summarise } from './statistics.ts';

/** Of one run; the cron's bulks are of 500. */
const EVENTS = 5000;
const EVENTS_SHORT = 100;
const BULK = 500;
const MOST_RUNS = 5;
/** Of requests with one event each, at once. */
const AT_ONCE = 8;

/**
 * What the outbox costs beside publishing alone, and beside what a team without it would have: on real Kafka and Postgres,
 * through daprd, with nobody who listens.
 */
export const relayRateFigure: Figure = {
  name: 'relayRate',
  summary:
    'events per second through outboxCron to Kafka, beside publishing alone, and beside queues of jobs in Postgres',
  onRealParts: true,
  measure: ({ runs: wanted, short, onProgress, signal }) =>
    withServer(async (serverUrl, supervision) => {
      const runs = Math.min(wanted, MOST_RUNS);
      const count = short ? EVENTS_SHORT : EVENTS;
      const database = await testDatabase({ serverUrl });
      const closers: (() => Promise<void>)[] = [database.close];
      try {
        const resources = ['pubsub.yaml'];
        const endpoint = await startDaprOnKafka(supervision, closers, { resources, app: silentApp(), onProgress });
        const publisher = daprPublisher({ endpoint, apiToken: TOKEN, timeoutMs: 30_000 });
        const publish = publishingBy(publisher);
        const queues = {
          'graphile-worker': await startQueue(graphileWorker, serverUrl, closers),
          'pg-boss': await startQueue(pgBoss, serverUrl, closers),
        };
        const contenders = [
          { name: 'outbox', run: relaying(database, endpoint, count) },
          { name: 'one by one', run: () => publishing(count, publish.oneByOne) },
          { name: 'bulk', run: () => publishing(count, publish.inBulk) },
          ...Object.entries(queues).flatMap(([name, queue]) => [
            { name: `${name} that publishes`, run: () => queueing(queue, count, publish.asHandedOver) },
            { name: `${name} that does nothing`, run: () => queueing(queue, count, async () => {}) },
          ]),
        ];
        const measured = await alternate(contenders, { runs, onProgress, signal });
        const of = (name: string) => summarise(measured.get(name) ?? []);
        const outbox = { unit: '/s' as const, measured: of('outbox') };
        return [
          row(`outboxCron, beside one by one, ${AT_ONCE} at once`, { ...outbox, yardstick: of('one by one'), goal: 5 }),
          row(`outboxCron, beside bulks of ${BULK}`, { ...outbox, yardstick: of('bulk') }),
          ...Object.keys(queues).flatMap((name) => [
            row(`outboxCron, beside ${name} that publishes`, {
              ...outbox,
              yardstick: of(`${name} that publishes`),
              goal: 1,
            }),
            row(`outboxCron, beside ${name} that does nothing`, {
              ...outbox,
              yardstick: of(`${name} that does nothing`),
            }),
          ]),
        ];
      } finally {
        for (const close of closers.reverse()) await close();
      }
    }),
};

/** Asked what it subscribes to, it says nothing. */
function silentApp() {
  return createServer((_request, response) => response.setHeader('content-type', 'application/json').end('[]'));
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
    let status = 0;
    const rate = await rateOf(count, async () => {
      ({ status } = await app.request(path, { method, headers: { 'dapr-api-token': TOKEN } }));
    });
    const [left] = await database.query('select 1 from outbox where published_at is null limit 1');
    if (status !== 200 || left) throw new Error(`outboxCron answered ${status} and left events unpublished`);
    return rate;
  };
}

type Publish = (events: readonly CloudEvent[]) => Promise<void>;

function newEvents(count: number): CloudEvent[] {
  return Array.from({ length: count }, (_, index) =>
    toCloudEvent(createdEvent(`user-${index}`), { source: '/evolution-todo/createTask' }),
  );
}

async function publishing(count: number, publish: Publish): Promise<number> {
  const events = newEvents(count);
  return rateOf(count, () => publish(events));
}

/** A queue in a database of its own beside the outbox's. */
async function startQueue(
  open: (databaseUrl: string) => Promise<Queue>,
  serverUrl: string,
  closers: (() => Promise<void>)[],
): Promise<Queue> {
  const database = await createTestDatabase('empty', serverUrl);
  closers.push(database.drop);
  const queue = await open(database.url);
  closers.push(queue.close);
  return queue;
}

/** Fills a queue, and lets it work. */
async function queueing(queue: Queue, count: number, handle: Publish): Promise<number> {
  await queue.fill(newEvents(count));
  let handled = 0;
  const rate = await rateOf(count, () =>
    queue.workOff((events) => {
      handled += events.length;
      return handle(events);
    }),
  );
  if (handled !== count) throw new Error(`a queue handed over ${handled} jobs where ${count} were put in`);
  return rate;
}

async function rateOf(count: number, work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (1000 * count) / (performance.now() - started);
}

function publishingBy(publisher: Publisher): Record<'oneByOne' | 'inBulk' | 'asHandedOver', Publish> {
  const inBulk: Publish = async (events) => {
    for (let first = 0; first < events.length; first += BULK) {
      const failures = await publisher.publishBulk(events.slice(first, first + BULK));
      for (const error of failures.values()) throw error;
    }
  };
  return {
    oneByOne: async (events) => void (await mapConcurrently(events, AT_ONCE, publisher.publish)),
    inBulk,
    // As the relay does: a bulk of one takes longer than publishing one.
    async asHandedOver(events) {
      const [only, ...others] = events;
      await (only && others.length === 0 ? publisher.publish(only) : inBulk(events));
    },
  };
}
