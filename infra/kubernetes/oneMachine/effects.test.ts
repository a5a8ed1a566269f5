import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import onTaskCreated from '../../../functions/onTaskCreated/onTaskCreated.ts';
import { type TestDatabase, testDatabase } from '../../testing/database.ts';
import { costOf, effectTimes, faultsOf } from './effects.ts';

const TASK = '00000000-0000-4000-8000-000000000001';
const EVENT = '00000000-0000-4000-8000-000000000002';
const REMINDER = '00000000-0000-4000-8000-000000000003';
const AT = '2026-03-01T09:00:00.250Z';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database?.close());

beforeEach(async () => {
  const { query, reset } = database;
  await reset();
  await query(
    `insert into tasks (id, user_id, title, priority, status, created_at, updated_at)
     values ($1, 'alice', 'a', 'low', 'open', $2, $2)`,
    [TASK, AT],
  );
  await query(
    `insert into outbox (event_id, event_type, source, user_id, task_id, data, occurred_at, next_attempt_at, published_at)
     values ($1, 'task.created', 's', 'alice', $2, '{}', $3, $3, $3)`,
    [EVENT, TASK, AT],
  );
  await query(`insert into inbox (function, event_id, processed_at) values ('onTaskCreated', $1, $2)`, [EVENT, AT]);
  await notify();
});

const notify = () =>
  database.query(
    `insert into notifications (id, user_id, task_id, kind, message, created_at)
     values (gen_random_uuid(), 'alice', $1, 'task.created', 'm', $2)`,
    [TASK, AT],
  );
const remind = (status: string) =>
  database.query(
    `insert into reminders (id, task_id, user_id, spec, remind_at, status) values ($1, $2, 'alice', '{}', $3, $4)`,
    [REMINDER, TASK, AT, status],
  );
const remindAgain = () =>
  database.query(
    `insert into outbox (event_id, event_type, source, user_id, task_id, data, occurred_at, next_attempt_at, published_at)
     values (gen_random_uuid(), 'reminder.due', 's', 'alice', $1, $2, $3, $3, $3)`,
    [TASK, JSON.stringify({ reminder_id: REMINDER, remind_at: AT }), AT],
  );
const faults = () => faultsOf(database.query, [onTaskCreated]);

it('finds nothing wrong with a task whose event took effect once', async () => {
  expect(await faults()).toEqual([]);
});

it.each([
  ['an effect that came twice', notify, [`was shown 2 times`, `was shown 2 times`]],
  ['an effect that is lost', () => database.query('delete from notifications'), ['was shown 0 times']],
  ['an event that nobody wrote', () => database.query('delete from outbox'), ['was told 0 times']],
  ['an event that nobody took', () => database.query('delete from inbox'), ['took no effect']],
  ['a reminder that waits', () => remind('pending'), ['was not told']],
  [
    'a reminder that came twice',
    () => Promise.all([remind('triggered'), remindAgain(), remindAgain()]),
    ['was told 2 times'],
  ],
  ['one that waits', () => database.query('update outbox set published_at = null'), ['was not published']],
])('finds %s', async (_, plant, expected) => {
  await plant();
  expect((await faults()).map((fault) => fault.replace(/^.*(?=was|took)/, ''))).toEqual(expected);
});

it('tells what an incident cost', async () => {
  const at = Date.parse(AT);
  const before = { taskId: TASK, sentAt: at - 300, answeredAt: at - 200, failures: [] };
  const after = { taskId: TASK, sentAt: at - 100, answeredAt: at + 50, failures: ['503 '] };
  const effects = await effectTimes(database.query, [before]);
  expect(effects.get(TASK)).toBe(at);
  expect(costOf(at - 250, [before, after], effects)).toEqual({
    writes: 2,
    failedTries: 1,
    nextAnswer: 300,
    nextEffect: 250,
    longestAnswer: 150,
    longestEffect: 200,
  });
});
