import { createServer } from 'node:http';
import { type TaskEvent, toCloudEvent } from '../../shared/events/event.ts';
import { daprPublisher } from '../../shared/events/publisher.ts';
import { createdEvent } from '../testing/createdEvent.ts';
import { alternate } from './alternate.ts';
import { consumeBatch, createBatch } from './batches.ts';
import { startDaprOnKafka, TOKEN } from './daprOnKafka.ts';
import { type Figure, type MeasureOptions, row } from './figure.ts';
import { type MeasuredPlatform, withPlatform } from './platform.ts';
import { withSupervision } from './server.ts';
import { quantileOf, type Summary, summarise } from './statistics.ts';

/** Of one run. */
const POSTS = 200;
const POSTS_SHORT = 10;
const MOST_RUNS = 5;
const PATIENCE_MS = 30_000;

/** What a task takes to its notification on the embedded platform, with every function awake. */
export const effectFigure: Figure = {
  name: 'effect',
  summary: 'from POST /tasks to the end of onTaskCreated, warm, on the embedded platform, and what of it is Postgres',
  measure: (options) =>
    withPlatform(
      'embedded',
      async (platform) => {
        const { posts = [], bare = [] } = await inTurn(
          {
            posts: (count) => postInTurn(platform, count),
            bare: (count) => bareInTurn(platform, async () => {}, count),
          },
          options,
        );
        return ([0.5, 0.99] as const).flatMap((fraction) => [
          row(`POST to effect, embedded parts: p${100 * fraction}`, {
            unit: 'ms',
            measured: fractionOf(posts, fraction),
            goal: fraction === 0.5 ? 15 : 100,
          }),
          row(`its two transactions alone, embedded parts: p${100 * fraction}`, {
            unit: 'ms',
            measured: fractionOf(bare, fraction),
          }),
        ]);
      },
      options.onProgress,
    ),
};

/** The same where Kafka, daprd and Postgres are themselves. */
export const effectRealFigure: Figure = {
  name: 'effectReal',
  summary: 'the same on Kafka, daprd and Postgres, beside what daprd and the two transactions take by themselves',
  onRealParts: true,
  measure: (options) =>
    withPlatform(
      'real',
      (platform) =>
        withBareDelivery(options.onProgress, async (deliver) => {
          const contenders = {
            posts: (count: number) => postInTurn(platform, count),
            bare: (count: number) => bareInTurn(platform, deliver, count),
          };
          const { posts = [], bare = [] } = await inTurn(contenders, options);
          return ([0.5, 0.99] as const).map((fraction) =>
            row(`POST to effect, real parts: p${100 * fraction}`, {
              unit: 'ms',
              measured: fractionOf(posts, fraction),
              yardstick: fractionOf(bare, fraction),
              goal: 2,
            }),
          );
        }),
      options.onProgress,
    ),
};

/** Runs contenders in turn, each of which returns the times of so many posts, in milliseconds; resolves to those of its runs. */
async function inTurn(
  contenders: Readonly<Record<string, (posts: number) => Promise<number[]>>>,
  { runs, short, onProgress, signal }: MeasureOptions,
): Promise<Record<string, number[][]>> {
  // The run that is not counted wakes everything.
  const all = Object.entries(contenders).map(([name, measure]) => {
    return { name, run: () => measure(short ? POSTS_SHORT : POSTS) };
  });
  return Object.fromEntries(await alternate(all, { runs: Math.min(runs, MOST_RUNS), onProgress, signal }));
}

function fractionOf(runs: readonly (readonly number[])[], fraction: number): Summary {
  return summarise(runs.map((times) => quantileOf(times, fraction)));
}

/** Creates tasks one after the other, each once the one before it has had its effect; what each took, in milliseconds. */
async function postInTurn({ apiUrl, token, nextWorkOf }: MeasuredPlatform, posts: number): Promise<number[]> {
  const headers = { authorization: `Bearer ${await token('bench')}`, 'content-type': 'application/json' };
  const times: number[] = [];
  while (times.length < posts) {
    const handled = nextWorkOf('onTaskCreated');
    const started = performance.now();
    const { status } = await fetch(`${apiUrl}/tasks`, { method: 'POST', headers, body: '{"title":"Buy milk"}' });
    if (status !== 201) throw new Error(`POST /tasks was answered with ${status}`);
    await within(PATIENCE_MS, handled);
    times.push(performance.now() - started);
  }
  return times;
}

function within(ms: number, work: Promise<void>): Promise<void> {
  const late = AbortSignal.timeout(ms);
  return new Promise((resolve, reject) => {
    late.onabort = () => reject(new Error(`a task had no effect within ${ms} ms`));
    work.then(resolve, reject);
  });
}

/** Publishes an event by daprd, and resolves once it is delivered. */
type Deliver = (event: TaskEvent) => Promise<void>;

/** Starts a Kafka and a daprd that delivers to nobody, for `use`, and takes them away. */
function withBareDelivery<Result>(
  onProgress: (line: string) => void,
  use: (deliver: Deliver) => Promise<Result>,
): Promise<Result> {
  return withSupervision(async (supervision) => {
    let delivered = () => {};
    const app = createServer((request, response) => {
      request.resume().once('end', () => {
        response.setHeader('content-type', 'application/json').end('{"status":"SUCCESS"}');
        delivered();
      });
    });
    const closers: (() => Promise<void>)[] = [];
    try {
      const resources = ['pubsub.yaml', 'subscriptions.yaml'];
      const endpoint = await startDaprOnKafka(supervision, closers, { resources, app, onProgress });
      const publisher = daprPublisher({ endpoint, apiToken: TOKEN, timeoutMs: PATIENCE_MS });
      return await use(async (event) => {
        const arrived = new Promise<void>((resolve) => {
          delivered = resolve;
        });
        await publisher.publish(toCloudEvent(event, { source: '/evolution-todo/createTask' }));
        await within(PATIENCE_MS, arrived);
      });
    } finally {
      for (const close of closers.reverse()) await close();
    }
  });
}

/** What a post comes to without functions: their transactions, and publishing and delivering between them. */
async function bareInTurn({ sql }: MeasuredPlatform, deliver: Deliver, posts: number): Promise<number[]> {
  const times: number[] = [];
  while (times.length < posts) {
    const event = createdEvent('bare');
    const started = performance.now();
    await createBatch(sql, event.user_id);
    await deliver(event);
    await consumeBatch(sql, event);
    times.push(performance.now() - started);
  }
  return times;
}
