import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { taskSnapshot } from '../../infra/testing/taskSnapshot.ts';
import { testStore } from '../../infra/testing/testStore.ts';
import type { Statement } from './database.ts';
import { claimEvents, countUnpublished, insertEvents, markPublished } from './outbox.ts';

/*
 * What statements read of an outbox in which much has come to wait since Postgres counted it, as in an outage of the broker:
 * it takes it for one in which everything is published.
 */

const PUBLISHED = 20_000;
const WAITING = 1_000;
const CLAIMED = 100;
const now = new Date('2026-11-28T12:00:00Z');

const { database, sql, run } = await testStore();
beforeAll(async () => {
  const write = (count: number, publishedAt: string) =>
    database.query(
      `insert into outbox (event_id, event_type, source, user_id, task_id, data, occurred_at, next_attempt_at, published_at)
       select gen_random_uuid(), 'task.created', '/x', 'user-' || i, gen_random_uuid(), '{}', $1, $1, ${publishedAt}
       from generate_series(1, ${count}) i`,
      [new Date('2026-11-27T12:00:00Z')],
    );
  await write(PUBLISHED, '$1');
  await database.query('analyze outbox');
  await write(WAITING, 'null');
});
afterAll(() => database.close());

interface Plan {
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: Plan[];
}

/** The most rows that a step of a statement looks at. */
async function mostRead(statement: Statement): Promise<number> {
  const [[row = {}] = []] = await run(sql`explain (analyze, format json) ${statement}`);
  const [{ Plan: plan }] = row['QUERY PLAN'] as [{ Plan: Plan }];
  const read = (step: Plan): number => {
    const rows = (step['Actual Rows'] + (step['Rows Removed by Filter'] ?? 0)) * step['Actual Loops'];
    return Math.max(rows, ...(step.Plans ?? []).map(read));
  };
  return read(plan);
}

test('claiming reads what it claims', async () => {
  expect(await mostRead(claimEvents(sql, now, CLAIMED))).toBeLessThanOrEqual(2 * CLAIMED);
});

test('claiming what waits of tasks reads what is theirs', async () => {
  const rows = await database.query('select task_id from outbox where published_at is null limit 5');
  const taskIds = rows.map(({ task_id }) => String(task_id));
  expect(await mostRead(claimEvents(sql, now, CLAIMED, taskIds))).toBeLessThanOrEqual(10);
});

test('writing events reads what is of their tasks', async () => {
  const event = { type: 'task.created', userId: 'alice', taskId: randomUUID(), data: taskSnapshot() } as const;
  const write = insertEvents(sql, [event, { ...event, taskId: randomUUID() }], { origin: { source: '/x' }, now });
  expect(await mostRead(write)).toBeLessThanOrEqual(4);
});

test('marking events as published reads them', async () => {
  const rows = await database.query('select seq from outbox where published_at is null limit 5');
  const seqs = rows.map(({ seq }) => String(seq));
  expect(await mostRead(markPublished(sql, seqs, now))).toBeLessThanOrEqual(5);
});

test('what is counted is what waits', async () => {
  expect(await mostRead(countUnpublished(sql))).toBeLessThanOrEqual(2 * WAITING);
});
