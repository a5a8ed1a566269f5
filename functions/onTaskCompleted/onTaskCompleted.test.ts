import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { countedBy, testCounting } from '../../infra/testing/countingFunction.ts';
import { recurringTasksOf } from '../../infra/testing/recurringTasks.ts';
import { taskSnapshot } from '../../infra/testing/taskSnapshot.ts';
import { type TestApp, type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import type { TaskEvent } from '../../shared/events/event.ts';
import completeTask from '../completeTask/completeTask.ts';
import onTaskCompleted from './onTaskCompleted.ts';

let platform: TestPlatform;
let app: TestApp;
beforeAll(async () => {
  platform = await testPlatform();
  app = platform.app(onTaskCompleted);
});
afterAll(() => platform.close());
beforeEach(async () => {
  await platform.database.reset();
  Object.assign(platform, { published: [], logged: [], now: undefined });
});

const event = (data: Partial<TaskEvent<'task.completed'>['data']> = {}): TaskEvent<'task.completed'> => ({
  event_id: randomUUID(),
  event_type: 'task.completed',
  timestamp: '2026-11-25T23:30:00.000Z',
  user_id: 'alice',
  task_id: randomUUID(),
  data: { ...taskSnapshot({ version: 2 }), completed_at: '2026-11-25T12:00:00.000Z', ...data },
});
const stats = () => countedBy(platform);
const notifications = () => platform.database.query('select kind from notifications');

test('a completed task counts where it was completed, without a notification', async () => {
  const response = await app.deliver(event({ due_at: '2026-11-25T12:00:00.000Z' }));
  expect([response.status, await response.json()]).toEqual([200, { status: 'SUCCESS' }]);
  expect(await stats()).toEqual([{ user_id: 'alice', slot: '11-25 12:00', created: 0, completed: 1, late: 0 }]);
  expect(await notifications()).toEqual([]);
});

test('one that was late also counts where it was due', async () => {
  await app.deliver(event({ due_at: '2026-11-25T00:00:00.000Z' }));
  expect(await stats()).toEqual([
    { user_id: 'alice', slot: '11-24 23:45', created: 0, completed: 0, late: 1 },
    { user_id: 'alice', slot: '11-25 12:00', created: 0, completed: 1, late: 0 },
  ]);
});

describe('of a recurring task that was done late', () => {
  /** Completes the first of a daily series, due on 2 March, on the 5th, and resolves to the event of it. */
  const completeLate = async () => {
    const tasks = recurringTasksOf(platform);
    const due = { dateTime: '2026-03-02T09:00', timeZone: 'UTC' };
    const first = await tasks.start(
      { title: 'Daily', due, recurrence: { rule: 'FREQ=DAILY' } },
      '2026-03-01T12:00:00Z',
    );
    platform.now = new Date('2026-03-05T12:00:00Z');
    await tasks.call(completeTask, `/tasks/${first.id}/complete`);
    const completion = platform.published.at(-1)?.data as TaskEvent;
    platform.published = [];
    return { tasks, completion };
  };
  const isDone = async () => (await stats()).some(({ completed }) => completed === 1);

  test('it makes the next one, once, with its events', async () => {
    const { tasks, completion } = await completeLate();
    for (const _delivery of [1, 2]) expect((await app.deliver(completion)).status).toBe(200);
    expect(await tasks.open()).toEqual(['2026-03-05T09:00:00']);
    expect(platform.published.map(({ type }) => type)).toEqual(['task.created', 'recurring.trigger']);
    expect(await isDone()).toBe(true);
  });

  test('it takes effect where the series is broken, which is logged', async () => {
    const { tasks, completion } = await completeLate();
    await platform.database.query(`update series set rule = 'nonsense'`);
    expect((await app.deliver(completion)).status).toBe(200);
    expect([await isDone(), await tasks.open()]).toEqual([true, []]);
    expect(platform.logged).toContainEqual(expect.objectContaining({ level: 'error', outcome: 'series-failed' }));
  });

  test('it takes effect where the user has no room for another task; the cron makes it once there is', async () => {
    const { tasks, completion } = await completeLate();
    await platform.database.query(
      `insert into tasks (id, user_id, title, priority, status, created_at, updated_at)
       select gen_random_uuid(), 'alice', 'One of many', 'low', 'open', now(), now() from generate_series(1, 10000)`,
    );
    expect((await app.deliver(completion)).status).toBe(200);
    expect(await isDone()).toBe(true);
    await platform.database.query(`delete from tasks where title = 'One of many'`);
    expect(await tasks.open()).toEqual([]);
    await tasks.tick('2026-03-05T13:00:00Z');
    expect(await tasks.open()).toEqual(['2026-03-05T09:00:00']);
  });
});

testCounting({ type: 'task.completed', platform: () => platform, app: () => app, event: () => event() });
