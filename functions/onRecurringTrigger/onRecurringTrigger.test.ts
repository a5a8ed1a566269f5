import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type TestPlatform, testPlatform } from '../../infra/testing/testApp.ts';
import onRecurringTrigger from './onRecurringTrigger.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await testPlatform();
});
afterAll(() => platform.close());

test.each([
  ['2026-11-25T09:00:00', 0, 'Recurring: Water the plants, 2026-11-25 09:00:00'],
  ['2026-11-25', 6, 'Recurring: Water the plants, 2026-11-25 (6 passed over)'],
])('the instance of %s is announced, with the %i occurrences passed over', async (occurrence, passedOver, message) => {
  const taskId = randomUUID();
  const response = await platform.app(onRecurringTrigger).deliver({
    event_id: randomUUID(),
    event_type: 'recurring.trigger',
    timestamp: '2026-11-25T08:00:00.000Z',
    user_id: 'alice',
    task_id: taskId,
    data: {
      version: 1,
      recurring_id: randomUUID(),
      title: 'Water the plants',
      occurrence,
      due_at: '2026-11-25T09:00:00.000Z',
      passed_over: passedOver,
    },
  });
  expect(response.status).toBe(200);
  expect(await platform.database.query('select message from notifications where task_id = $1', [taskId])).toEqual([
    { message },
  ]);
});
