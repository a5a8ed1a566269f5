import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createRandom } from '../../infra/faults/random.ts';
import type { TestDatabase } from '../../infra/testing/database.ts';
import { eachEngine, type Place } from '../../infra/testing/engines.ts';
import { emptyReplica, type Replica, untilShown } from '../../infra/testing/replica.ts';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import { connect, runAs } from '../../shared/store/database.ts';
import { purgeDeletedTasks } from '../../shared/store/tasks.ts';
import listChanges from './listChanges.ts';

const WRITERS = 4;
/** In memory, one waits for the other. */
const TRANSACTIONS_PER_WRITER: Record<Place, number> = { server: 40, memory: 10 };
/** So large that the reader keeps up with the writers: only at the feed's end can it miss what comes late. */
const PAGE = 25;

const insertion = (id: string, title: string) => `
  insert into tasks (id, user_id, title, priority, status, created_at, updated_at)
  values ('${id}', 'alice', '${title}', 'low', 'open', now(), now())`;

interface Work {
  seed: number;
  /** Tasks that are there already, which every writer changes. */
  shared: readonly string[];
  transactions: number;
}

/** Makes transactions of two changes, of a new task and of one that all writers change, and rolls some back. */
async function write(database: TestDatabase, { seed, shared, transactions }: Work): Promise<void> {
  const random = createRandom(seed);
  for (let transaction = 0; transaction < transactions; transaction += 1) {
    await database.session(async (session) => {
      // The id of the transaction is given here; what it changes later may have been changed by younger ones.
      await session.exec(`begin; ${insertion(randomUUID(), `writer ${seed}, transaction ${transaction}`)}`);
      await delay(random.integer(0, 15));
      const id = random.pick(shared);
      const deletedAt = random.chance(0.3) ? 'case when deleted_at is null then now() end' : 'deleted_at';
      // One shared task in each transaction: two could wait for each other.
      await session.exec(`update tasks set version = version + 1, deleted_at = ${deletedAt} where id = '${id}'`);
      await delay(random.integer(0, 15));
      await session.exec(random.chance(0.2) ? 'rollback' : 'commit');
    });
  }
}

eachEngine('the feed under concurrent writers', (place) => {
  let platform: TestPlatform;
  let feed: TestApp;
  beforeAll(async () => {
    platform = await testPlatform(place);
    feed = platform.app(listChanges);
  });
  afterAll(() => platform.close());
  beforeEach(() => platform.database.reset());

  /** Fails unless the replica holds what the table holds. */
  async function expectEqualToTable({ tasks }: Replica): Promise<void> {
    const rows = await platform.database.query<{ id: string; title: string; version: number }>(
      `select id, title, version from tasks where user_id = 'alice' and deleted_at is null order by id`,
    );
    const copy = [...tasks.values()].map(({ id, title, version }) => ({ id, title, version }));
    expect(copy.sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual(rows);
  }

  test('a reader that polls while transactions commit out of order ends with what the table holds', async () => {
    const shared = Array.from({ length: 12 }, () => randomUUID());
    for (const id of shared) await platform.database.query(insertion(id, 'shared'));
    const replica = emptyReplica(feed, 'alice', PAGE);
    let writing = true;
    let reads = 0;
    const reader = (async () => {
      while (writing) {
        reads += (await replica.poll()).length;
      }
    })();
    const writers = Array.from({ length: WRITERS }, (_, index) =>
      write(platform.database, { seed: index + 1, shared, transactions: TRANSACTIONS_PER_WRITER[place] }),
    );
    await Promise.all(writers).finally(() => {
      writing = false;
    });
    await reader;
    await untilShown(platform.database);
    await replica.poll();
    await expectEqualToTable(replica);
    expect(reads).toBeGreaterThan(3);
    // It heard of everything while it was under way: every task that was ever committed, deleted or not.
    const told = new Set(replica.seen.map((change) => (change.type === 'task' ? change.task.id : change.id)));
    const committed = await platform.database.query<{ id: string }>(`select id from tasks`);
    expect(committed.filter(({ id }) => !told.has(id))).toEqual([]);
    expect(committed.length).toBeGreaterThan(WRITERS * TRANSACTIONS_PER_WRITER[place] * 0.5);
  });

  test.skipIf(place === 'memory')('nothing younger is shown while an older transaction is open', async () => {
    const replica = emptyReplica(feed, 'alice', PAGE);
    await replica.poll();
    await platform.database.session(async (session) => {
      await session.exec(`begin; ${insertion(randomUUID(), 'older')}`);
      await platform.database.query(insertion(randomUUID(), 'younger'));
      expect(await replica.poll()).toMatchObject([{ changes: [] }]);
      await session.exec('commit');
    });
    await untilShown(platform.database);
    await replica.poll();
    expect(replica.seen).toMatchObject([{ task: { title: 'older' } }, { task: { title: 'younger' } }]);
  });

  test.skipIf(place === 'memory')('of an older transaction that is rolled back, nothing is ever shown', async () => {
    const replica = emptyReplica(feed, 'alice', PAGE);
    await platform.database.session(async (session) => {
      await session.exec(`begin; ${insertion(randomUUID(), 'older')}`);
      await platform.database.query(insertion(randomUUID(), 'younger'));
      await session.exec('rollback');
    });
    await untilShown(platform.database);
    await replica.poll();
    expect(replica.seen).toMatchObject([{ task: { title: 'younger' } }]);
  });

  test('purges at the same time move the horizon to the last deletion that is forgotten', async () => {
    for (let task = 0; task < 40; task += 1) {
      await platform.database.query(
        `insert into tasks (id, user_id, title, priority, status, created_at, updated_at, deleted_at)
         values ($1, 'alice', 'deleted', 'low', 'open', now(), now(), $2)`,
        [randomUUID(), new Date(Date.UTC(2026, 10, 25, 9, task))],
      );
    }
    const [latest] = await platform.database.query(
      'select changed_in::text from tasks order by deleted_at desc limit 1',
    );
    const sql = connect(platform.database);
    const run = runAs(sql, 'system');
    const before = new Date('2027-01-01T00:00:00Z');
    await Promise.all(Array.from({ length: 4 }, () => run(...purgeDeletedTasks(sql, before, 10))));
    expect(await platform.database.query('select id from tasks')).toEqual([]);
    expect(await platform.database.query('select changed_in::text from feed_horizon')).toEqual([latest]);
  });

  test.skipIf(place === 'memory')('a task that is restored while a purge waits for it stays', async () => {
    const id = randomUUID();
    await platform.database.query(insertion(id, 'restored'));
    await platform.database.query(`update tasks set deleted_at = '2026-11-25T09:00:00Z'`);
    const sql = connect(platform.database);
    await platform.database.session(async (session) => {
      await session.exec(`begin; update tasks set deleted_at = null where id = '${id}'`);
      const purge = runAs(sql, 'system')(...purgeDeletedTasks(sql, new Date('2027-01-01T00:00:00Z'), 10));
      await expect
        .poll(() => platform.database.query(`select from pg_locks where not granted`).then((rows) => rows.length))
        .toBeGreaterThan(0);
      await session.exec('commit');
      await purge;
    });
    expect(await platform.database.query('select id from tasks')).toEqual([{ id }]);
  });
});
