import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestDatabase, testDatabase } from '../../infra/testing/database.ts';
import { connect, runAs } from '../store/database.ts';
import type { NewJob } from './jobs.ts';
import type { LogFields } from './log.ts';
import { seeToWakeUp } from './seeToWakeUp.ts';
import type { WakeUpNeed } from './wakeUp.ts';

const NOW = new Date('2026-11-25T09:00:00.000Z');
const MINUTE = 60_000;
const at = (minutes: number) => new Date(NOW.getTime() + minutes * MINUTE);

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(() => database.reset());

async function remind(minutes: number, status = 'pending'): Promise<void> {
  await database.query(
    `with task as (
       insert into tasks (id, user_id, title, priority, status, created_at, updated_at)
       values ($1, 'alice', 'Call Ann', 'medium', 'open', $2, $2) returning id, user_id
     )
     insert into reminders (id, task_id, user_id, spec, remind_at, status)
     select $1, id, user_id, '{}', $3, $4 from task`,
    [randomUUID(), NOW, at(minutes), status],
  );
}
async function deliver(minutes: number): Promise<void> {
  await database.query(
    `insert into deliveries (id, user_id, kind, channel, target, message, data, occurred_at, status, next_attempt_at, created_at)
     values ($1::uuid, 'alice', 'task.created', 'webhook', $1::text, 'm', '{}', $2, 'pending', $3, $2)`,
    [randomUUID(), NOW, at(minutes)],
  );
}

async function failToPublish(minutes: number, attempts = 1): Promise<void> {
  await database.query(
    `insert into outbox (event_id, event_type, source, user_id, task_id, data, occurred_at, attempts, next_attempt_at)
     values ($1::uuid, 'task.created', '/test', 'alice', $1::uuid, '{}', $2, $3, $4)`,
    [randomUUID(), NOW, attempts, at(minutes)],
  );
}
async function claim(leasedFor: number): Promise<void> {
  await deliver(-1);
  await database.query('update deliveries set leased_until = $1 where leased_until is null', [at(leasedFor)]);
}

/** Sees to the wake-up with a scheduler that takes jobs so, and tells which were set and what was logged. */
async function seeTo(need: WakeUpNeed = {}, schedule: (job: NewJob) => Promise<void> = async () => {}) {
  const set: (Date | number | undefined)[] = [];
  const logged: LogFields[] = [];
  const sql = connect({ url: database.url, fetchEndpoint: database.fetchEndpoint });
  const jobs = {
    async schedule(name: string, job: NewJob) {
      expect([name, job.overwrite]).toEqual(['wake-up', true]);
      await schedule(job);
      set.push(job.due);
      return true;
    },
    cancel: () => Promise.reject(new Error('nothing is cancelled')),
  };
  const log = (_: string, fields: LogFields) => void logged.push(fields);
  await seeToWakeUp({ sql, run: runAs(sql, 'system'), jobs, clock: () => NOW, log }, need);
  return { set, logged };
}

test('the job is set for the earliest of what waits, whatever it is', async () => {
  for (const minutes of [30, 10, 20]) await remind(minutes);
  await remind(1, 'triggered');
  expect((await seeTo()).set).toEqual([10 * MINUTE]);
  await deliver(5);
  expect((await seeTo()).set).toEqual([5 * MINUTE]);
  await failToPublish(1);
  expect((await seeTo()).set).toEqual([1 * MINUTE]);
});

test('an event that nobody has failed on yet is its writer’s, and needs none', async () => {
  await failToPublish(1, 0);
  expect((await seeTo()).set).toEqual([]);
});

test('a delivery that somebody sends has one for the case that they die, which no other counts on', async () => {
  await claim(1);
  expect((await seeTo()).set).toEqual([1 * MINUTE]);
  await remind(10);
  expect((await seeTo({ due: at(10) })).set).toEqual([1 * MINUTE]);
});

test('a delivery that was due before is under way, and a reminder that was due before is to be sent', async () => {
  await deliver(-1);
  expect((await seeTo()).set).toEqual([]);
  await remind(-1);
  expect((await seeTo()).set).toEqual([1]);
});

test('where nothing waits, no job is set', async () => {
  expect(await seeTo()).toEqual({ set: [], logged: [] });
});

test('what comes behind something else leaves the job to that one’s writer', async () => {
  for (const minutes of [10, 20]) await remind(minutes);
  expect((await seeTo({ due: at(20) })).set).toEqual([]);
  expect((await seeTo({ due: at(10) })).set).toEqual([10 * MINUTE]);
  await failToPublish(5);
  expect((await seeTo({ due: at(10) })).set).toEqual([]);
  expect((await seeTo({ due: at(5) })).set).toEqual([5 * MINUTE]);
});

test('what is due before a wake-up is wanted waits for that, and what is due behind it has its own time', async () => {
  await remind(-1);
  expect((await seeTo({ apartMs: 250 })).set).toEqual([250]);
  const { set } = await seeTo({ apartMs: 2 * MINUTE }, () => remind(1));
  expect(set).toEqual([2 * MINUTE]);
  await database.reset();
  await remind(10);
  expect((await seeTo({ apartMs: 250 })).set).toEqual([10 * MINUTE]);
});

test('what is written while the job is being set, and comes before it, has the job', async () => {
  await remind(10);
  const writers = [() => remind(5), () => remind(20)];
  const { set } = await seeTo({}, async () => writers.shift()?.());
  expect(set).toEqual([10 * MINUTE, 5 * MINUTE]);
});

test('however many do it at once, the last job that is set is for the earliest', async () => {
  const set: NewJob['due'][] = [];
  const minutes = Array.from({ length: 20 }, (_, index) => 40 - index);
  await Promise.all(
    minutes.map(async (minute) => {
      await remind(minute);
      await seeTo({ due: at(minute) }, async ({ due }) => void set.push(due));
    }),
  );
  expect(set.at(-1)).toBe(21 * MINUTE);
});

test('a scheduler that is away is told of, and nothing else happens', async () => {
  await remind(10);
  const { logged } = await seeTo({}, () => Promise.reject(new Error('no scheduler')));
  expect(logged).toEqual([{ outcome: 'no-wake-up', error: new Error('no scheduler') }]);
});
