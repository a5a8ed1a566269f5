import { Logger, makeWorkerUtils, runOnce } from 'graphile-worker';
import pg from 'pg';
import PgBoss from 'pg-boss';
import type { CloudEvent } from '../../shared/events/event.ts';

/** A queue of jobs in Postgres, which a team without a broker has in place of outbox and relay: a job for each event. */
export interface Queue {
  /** Puts in a job for each event, by the queue's own way for many. */
  fill(events: readonly CloudEvent[]): Promise<void>;
  /**
   * Hands all jobs to `handle`, as many in one call as the queue hands over, and resolves when all are recorded as done.
   * @throws where jobs are left
   */
  workOff(handle: (events: readonly CloudEvent[]) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

const TASK = 'event';

/** The settings with which its documentation tells how fast it is: https://worker.graphile.org/docs/performance */
const JOBS_AT_ONCE = 24;
const LOCAL_QUEUE = 500;
const COMPLETED_AT_ONCE_AFTER_MS = 0;

/** graphile-worker, in an empty database; hands over one job at a time, and several at once. */
export async function graphileWorker(databaseUrl: string): Promise<Queue> {
  const pgPool = new pg.Pool({ connectionString: databaseUrl, max: JOBS_AT_ONCE + 1 });
  // It warns of a pool without listeners; what breaks is told by the call that it breaks.
  pgPool.on('error', () => {});
  pgPool.on('connect', (client) => client.on('error', () => {}));
  const worker = {
    concurrentJobs: JOBS_AT_ONCE,
    localQueue: { size: LOCAL_QUEUE },
    completeJobBatchDelay: COMPLETED_AT_ONCE_AFTER_MS,
    failJobBatchDelay: COMPLETED_AT_ONCE_AFTER_MS,
  };
  const options = { pgPool, preset: { worker }, logger: new Logger(() => () => {}), noHandleSignals: true };
  const utils = await makeWorkerUtils(options);
  await utils.migrate();
  return {
    async fill(events) {
      await utils.addJobs(events.map((payload) => ({ identifier: TASK, payload })));
    },
    async workOff(handle) {
      await runOnce(options, { [TASK]: (event) => handle([event as CloudEvent]) });
      const { rows } = await pgPool.query('select last_error from graphile_worker.jobs limit 1');
      if (rows.length > 0) throw new Error(`graphile-worker left jobs undone: ${rows[0].last_error}`);
    },
    async close() {
      await utils.release();
      await pgPool.end();
    },
  };
}

/** Jobs of one batch, and batches at once: the best of those that were tried where jobs publish, see README.md. */
const BATCH = 500;
const BATCHES_AT_ONCE = 2;

/**
 * pg-boss, in an empty database; hands over batches. They are fetched and completed by its own calls, one batch as soon
 * as the one before is done: its worker waits half a second between two, at the least.
 */
export async function pgBoss(databaseUrl: string): Promise<Queue> {
  const boss = new PgBoss({ connectionString: databaseUrl, supervise: false, schedule: false });
  // What breaks is told by the call that it breaks.
  boss.on('error', () => {});
  await boss.start();
  await boss.createQueue(TASK);
  return {
    fill: (events) => boss.insert(events.map((data) => ({ name: TASK, data }))),
    async workOff(handle) {
      const workers = Array.from({ length: BATCHES_AT_ONCE }, async () => {
        for (;;) {
          const jobs = await boss.fetch<CloudEvent>(TASK, { batchSize: BATCH });
          if (jobs.length === 0) return;
          await handle(jobs.map(({ data }) => data));
          const ids = jobs.map(({ id }) => id);
          await boss.complete(TASK, ids);
        }
      });
      await Promise.all(workers);
      const left = await boss.getQueueSize(TASK, { before: 'completed' });
      if (left > 0) throw new Error(`pg-boss left ${left} jobs undone`);
    },
    close: () => boss.stop({ graceful: false }),
  };
}
