import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import createTask from '../../functions/createTask/createTask.ts';
import { connect, runAs, type Sql } from '../../shared/store/database.ts';
import { bundleFunction, bundlePath } from '../bundle/bundle.ts';
import { createTestDatabase } from '../testing/serverTemplate.ts';
import { alternate } from './alternate.ts';
import { createBatch, publishedBatch } from './batches.ts';
import { ask, type Program, type Running, start } from './coldProcess.ts';
import { type Figure, row } from './figure.ts';
import { createCaller, rateOf } from './load.ts';
import { withServer } from './server.ts';
import { summarise } from './statistics.ts';
import { startWorld, type World } from './world.ts';

const CONNECTIONS = [1, 8, 64];
const RUN_MS = 2000;
const SHORT_RUN_MS = 200;
const MOST_RUNS = 5;

/** What a function adds to what the database does: on a real Postgres, behind the same bridge. */
export const createRateFigure: Figure = {
  name: 'createRate',
  summary: "POST /tasks per second at 1, 8 and 64 connections, beside its batch by Neon's driver in a loop",
  async measure({ runs: wanted, short, onProgress, signal }) {
    onProgress('starting Postgres, the bridge and createTask');
    await bundleFunction('createTask');
    return withServer(async (serverUrl) => {
      const database = await createTestDatabase('migrated', serverUrl);
      const world = await startWorld(database.url);
      const program = {
        node: process.execPath,
        args: [bundlePath('createTask')],
        env: world.environmentOf(createTask),
      };
      const running = await start(program);
      const ms = short ? SHORT_RUN_MS : RUN_MS;
      try {
        await ask(running, { ...program, request: await world.taskRequest(), status: 201 });
        const sql = connect(world.database);
        const contenders = CONNECTIONS.flatMap((workers) => [
          { name: `${workers} function`, run: () => posting(world, running, { sql, workers, ms }) },
          { name: `${workers} batch`, run: () => batching(sql, { workers, ms, marking: false }) },
          { name: `${workers} both`, run: () => batching(sql, { workers, ms, marking: true }) },
        ]);
        const runs = Math.min(wanted, MOST_RUNS);
        const measured = await alternate(contenders, { runs, onProgress, signal });
        return CONNECTIONS.flatMap((workers) => {
          const of = (name: string) => summarise(measured.get(`${workers} ${name}`) ?? []);
          const subject = `POST /tasks, ${workers} at once`;
          const rate = { unit: '/s' as const, measured: of('function') };
          return [
            row(`${subject}, beside its batch alone`, { ...rate, yardstick: of('batch'), goal: 0.8 }),
            row(`${subject}, beside its batch and that behind publishing`, { ...rate, yardstick: of('both') }),
          ];
        });
      } finally {
        await running.stop('SIGTERM');
        await world.close();
        await database.drop();
      }
    });
  },
};

interface Load {
  workers: number;
  ms: number;
}

/** Each worker posts as a user of its own. What follows the answers is awaited, so that the next run is alone. */
async function posting(world: World, { port }: Running, { sql, workers, ms }: Load & { sql: Sql }): Promise<number> {
  const users = newUsers(workers);
  const requests = await Promise.all(users.map(world.taskRequest));
  const caller = createCaller(port);
  const rate = await rateOf((worker) => caller.call(requests[worker] as Program['request'], 201), { workers, ms });
  caller.close();
  while (await haveUnpublished(sql, users)) await sleep(20);
  return rate;
}

async function haveUnpublished(sql: Sql, users: readonly string[]): Promise<boolean> {
  const [[found] = []] = await runAs(
    sql,
    'system',
  )(sql`
    select exists (select from outbox where published_at is null and user_id = any(${users}::text[])) as any`);
  return found?.any === true;
}

function newUsers(count: number): string[] {
  return Array.from({ length: count }, () => `user-${randomUUID()}`);
}

/** The transaction of createTask; `marking`, also the one that follows when its event is published. */
function batching(sql: Sql, { marking, ...load }: Load & { marking: boolean }): Promise<number> {
  const users = newUsers(load.workers);
  return rateOf(async (worker) => {
    const written = await createBatch(sql, users[worker] as string);
    if (marking) await publishedBatch(sql, written);
  }, load);
}
