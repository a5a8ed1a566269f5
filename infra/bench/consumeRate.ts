import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import onTaskCreated from '../../functions/onTaskCreated/onTaskCreated.ts';
import type { EventType } from '../../shared/events/catalogue.ts';
import { type TaskEvent, toCloudEvent } from '../../shared/events/event.ts';
import { daprPublisher, type Publisher } from '../../shared/events/publisher.ts';
import { mapConcurrently } from '../../shared/runtime/concurrency.ts';
import { routeOf } from '../../shared/runtime/route.ts';
import { connect, type Sql } from '../../shared/store/database.ts';
import { bundleFunction, bundlePath } from '../bundle/bundle.ts';
import { createdEvent } from '../testing/createdEvent.ts';
import { createTestDatabase } from '../testing/serverTemplate.ts';
import { taskSnapshot } from '../testing/taskSnapshot.ts';
import { alternate } from './alternate.ts';
import { consumeBatch } from './batches.ts';
import { ask, start } from './coldProcess.ts';
import { startDaprOnKafka, TOKEN } from './daprOnKafka.ts';
import { type Figure, row } from './figure.ts';
import { createCaller } from './load.ts';
import { withServer } from './server.ts';
import { summarise } from './statistics.ts';
import { startWorld } from './world.ts';

/** Of one run. */
const EVENTS = 2000;
const EVENTS_SHORT = 100;
const MOST_RUNS = 5;
const BULK = 500;
/** Of a topic: so many events of different tasks are with a function at once. */
const PARTITIONS = 8;
const PATIENCE_MS = 60_000;
const source = '/evolution-todo/createTask';

/** What a function adds to daprd's delivery and to its own transaction, on real Kafka and Postgres. */
export const consumeRateFigure: Figure = {
  name: 'consumeRate',
  summary:
    'events per second through onTaskCreated, beside daprd delivering to an empty handler, and beside the batch alone',
  onRealParts: true,
  async measure({ runs: wanted, short, onProgress, signal }) {
    await bundleFunction('onTaskCreated');
    return withServer(async (serverUrl, supervision) => {
      const count = short ? EVENTS_SHORT : EVENTS;
      const closers: (() => Promise<void>)[] = [];
      try {
        const database = await createTestDatabase('migrated', serverUrl);
        closers.push(database.drop);
        const world = await startWorld(database.url);
        closers.push(world.close);
        const env = world.environmentOf(onTaskCreated);
        const program = { node: process.execPath, args: [bundlePath('onTaskCreated')], env };
        const running = await start(program);
        closers.push(() => running.stop('SIGTERM'));
        await ask(running, { ...program, request: world.eventRequest(onTaskCreated), status: 200 });

        const taken = { function: 0, nobody: 0 };
        const caller = createCaller(running.port);
        closers.push(async () => caller.close());
        const { path } = routeOf(onTaskCreated.trigger);
        const app = createServer(async (request, response) => {
          const body = await buffer(request);
          if (request.url !== path) return succeed(response, () => (taken.nobody += 1));
          const headers = { ...headersOf(request), 'dapr-api-token': env.APP_API_TOKEN ?? '' };
          await caller.call({ method: 'POST', path, headers, body: body.toString('utf8') }, 200).then(
            () => succeed(response, () => (taken.function += 1)),
            // daprd sends it again.
            () => response.writeHead(500).end(),
          );
        });
        const endpoint = await startDaprOnKafka(supervision, closers, {
          resources: ['pubsub.yaml', 'subscriptions.yaml'],
          ...{ app, onProgress },
        });
        const publisher = daprPublisher({ endpoint, apiToken: TOKEN, timeoutMs: 30_000 });
        const sql = connect(world.database);
        const contenders = [
          { name: 'function', run: () => consuming(publisher, 'task.created', count, () => taken.function) },
          { name: 'nobody', run: () => consuming(publisher, 'task.updated', count, () => taken.nobody) },
          { name: 'batch', run: () => batching(sql, count) },
        ];
        // In the run that is not counted, the consumers of both topics get their partitions.
        const measured = await alternate(contenders, { runs: Math.min(wanted, MOST_RUNS), onProgress, signal });
        const of = (name: string) => summarise(measured.get(name) ?? []);
        const consumed = { unit: '/s' as const, measured: of('function') };
        const slower = of('nobody').median < of('batch').median ? 'nobody' : 'batch';
        const goalOf = (name: string) => (name === slower ? 0.8 : null);
        return [
          row('onTaskCreated, beside daprd and an empty handler', {
            ...{ ...consumed, yardstick: of('nobody'), goal: goalOf('nobody') },
          }),
          row(`onTaskCreated, beside its batch alone, ${PARTITIONS} at once`, {
            ...{ ...consumed, yardstick: of('batch'), goal: goalOf('batch') },
          }),
        ];
      } finally {
        for (const close of closers.reverse()) await close();
      }
    });
  },
};

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  return { 'content-type': `${headers['content-type']}` };
}

function succeed(response: ServerResponse, count: () => void): void {
  count();
  response.setHeader('content-type', 'application/json').end('{"status":"SUCCESS"}');
}

/** Publishes events, of a task and a user each, and waits until all have been taken. */
async function consuming(
  publisher: Publisher,
  type: 'task.created' | 'task.updated',
  count: number,
  taken: () => number,
): Promise<number> {
  const events = Array.from({ length: count }, () => toCloudEvent(eventOf(type), { source }));
  const before = taken();
  let published = 0;
  const started = performance.now();
  const checkPatience = () => {
    if (performance.now() - started <= PATIENCE_MS) return;
    throw new Error(`${type}: of ${published} published events ${taken() - before} were taken in ${PATIENCE_MS} ms`);
  };
  for (let first = 0; first < count; first += BULK) {
    let waiting = events.slice(first, first + BULK);
    while (waiting.length > 0) {
      checkPatience();
      // What fails is sent again: a topic that is new has no leader yet.
      const failed = [...(await publisher.publishBulk(waiting)).keys()];
      published += waiting.length - failed.length;
      waiting = failed;
    }
  }
  while (taken() - before < count) {
    checkPatience();
    await sleep(1);
  }
  return (1000 * count) / (performance.now() - started);
}

function eventOf(type: EventType): TaskEvent {
  const event = createdEvent(`user-${randomUUID()}`);
  if (type === 'task.created') return event;
  const data = { ...taskSnapshot(), changed: [], previous: null };
  return { ...event, event_type: 'task.updated', data };
}

/** The transaction of `onTaskCreated`, as often. */
async function batching(sql: Sql, count: number): Promise<number> {
  const events = Array.from({ length: count }, () => createdEvent(`user-${randomUUID()}`));
  const started = performance.now();
  await mapConcurrently(events, PARTITIONS, (event) => consumeBatch(sql, event));
  return (1000 * count) / (performance.now() - started);
}
