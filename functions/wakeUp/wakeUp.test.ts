import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { Task } from '../../shared/domain/task.ts';
import createTask from '../createTask/createTask.ts';
import wakeUp from './wakeUp.ts';

const NOW = new Date('2026-11-25T09:00:00.000Z');
const MINUTE = 60_000;
const at = (minutes: number) => new Date(NOW.getTime() + minutes * MINUTE);

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(wakeUp);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, {
    published: [],
    logged: [],
    jobs: new Map(),
    schedulerAway: false,
    brokerAway: false,
    environment: {},
    now: NOW,
  });
});

async function remind(...minutes: number[]): Promise<Task> {
  const reminders = minutes.map((each) => ({ at: at(each).toISOString() }));
  return (await platform.app(createTask).call<Task>('alice', '/tasks', { title: 'Call Ann', reminders })).body;
}
async function wakeAt(minutes: number): Promise<void> {
  platform.now = at(minutes);
  expect((await app.comeDue()).status).toBe(200);
}
const reminders = () => platform.published.filter(({ type }) => type === 'reminder.due');

test('what is due is worked off, and the next wake-up set', async () => {
  const task = await remind(10, 20);
  await wakeAt(10);
  expect(reminders()).toMatchObject([{ subject: task.id, data: { data: { remind_at: at(10).toISOString() } } }]);
  expect(platform.jobs.get('wake-up')).toMatchObject({ due: 10 * MINUTE, overwrite: true });
  expect(platform.logged.at(-1)).toMatchObject({ outcome: 'done', reminders: 1, deliveries: 0, events: 0, late: 0 });
});

test('an event that could not be published is tried again by job, with growing waits, until the broker is back', async () => {
  platform.brokerAway = true;
  await remind();
  const waits: number[] = [];
  let minutes = 0;
  const waitForJob = async () => {
    const wait = Number(platform.jobs.get('wake-up')?.due);
    platform.jobs.clear();
    minutes += wait / MINUTE;
    await wakeAt(minutes);
    return wait;
  };
  while (waits.length < 7) waits.push(await waitForJob());
  expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
  expect(platform.published).toEqual([]);

  platform.brokerAway = false;
  await waitForJob();
  expect(platform.published).toMatchObject([{ type: 'task.created' }]);
  expect(platform.logged.at(-1)).toMatchObject({ outcome: 'done', events: 1 });
  expect(platform.jobs.size).toBe(0);
});

test('where much comes due at once, what follows waits a quarter of a second, to be worked off together', async () => {
  const ms = 1 / MINUTE;
  await remind(10, 10, 10, 10, 10, 10 + 100 * ms, 10 + 900 * ms);
  await wakeAt(10);
  expect(reminders()).toHaveLength(5);
  expect(platform.jobs.get('wake-up')).toMatchObject({ due: 250 });
  await wakeAt(10 + 250 * ms);
  expect(reminders()).toHaveLength(6);
  expect(platform.jobs.get('wake-up')).toMatchObject({ due: 650 });
});

test('what is late is told of, in seconds', async () => {
  await remind(10);
  await wakeAt(11);
  expect(platform.logged.at(-1)).toMatchObject({ reminders: 1, late: 60 });
});

test('one that comes too early sends nothing, and is set again', async () => {
  await remind(10);
  await wakeAt(9);
  expect(reminders()).toEqual([]);
  expect(platform.jobs.get('wake-up')).toMatchObject({ due: MINUTE });
});

test('several at once send nothing twice', async () => {
  await remind(10);
  platform.now = at(10);
  await Promise.all(Array.from({ length: 5 }, () => app.comeDue()));
  expect(reminders()).toHaveLength(1);
});

test('with the scheduler away, what is due is worked off all the same, and the log says what is missing', async () => {
  await remind(10, 20);
  platform.schedulerAway = true;
  await wakeAt(10);
  expect(reminders()).toHaveLength(1);
  expect(platform.logged.slice(-2)).toMatchObject([{ level: 'warn', outcome: 'no-wake-up' }, { outcome: 'done' }]);
});

test('where crons do the waking, no job is set', async () => {
  platform.environment = { WAKE_UPS: 'cron' };
  await remind(10);
  expect((await platform.app(wakeUp).comeDue()).status).toBe(200);
  expect(platform.jobs.size).toBe(0);
});
