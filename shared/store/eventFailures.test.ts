import { afterAll, expect, test } from 'vitest';
import { testStore } from '../../infra/testing/testStore.ts';
import { purgeEventFailures, recordFailure } from './eventFailures.ts';

const { database, sql, run } = await testStore();
afterAll(() => database.close());

const before = new Date('2026-11-25T09:00:00Z');
const after = new Date('2026-11-25T09:00:01Z');
const eventIds = async () => {
  const rows = await database.query('select event_id from event_failures order by event_id');
  return rows.map(({ event_id }) => event_id);
};

test('old failures are removed, a bounded number at once, but not the reasons of dead letters', async () => {
  const failures = { 'old-1': before, 'old-2': before, dead: before, young: after };
  for (const [eventId, at] of Object.entries(failures)) {
    await run(recordFailure(sql, { eventId, functionName: 'f', reason: 'broken' }, at));
  }
  await database.query(
    `insert into dead_letters (id, topic, event_id, created_at, last_received_at)
     values (gen_random_uuid(), 't', 'dead', now(), now())`,
  );
  await run(purgeEventFailures(sql, after, 1));
  expect(await eventIds()).toHaveLength(3);
  await run(purgeEventFailures(sql, after, 10));
  expect(await eventIds()).toEqual(['dead', 'young']);
});
