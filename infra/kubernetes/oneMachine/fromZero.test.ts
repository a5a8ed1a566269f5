import { expect, it } from 'vitest';
import type { RealActivity } from '../../real/platform.ts';
import { describeTimes, tickTimes } from './fromZero.ts';

const done = (name: string, time: string): RealActivity => ({
  type: 'output',
  function: name,
  stream: 'stdout',
  line: JSON.stringify({ time, outcome: 'done', function: name }),
});
const woke = (name: string): RealActivity => ({ type: 'woke', function: name, ms: 0 });

it('takes the time of ticks from the minute on, where they found a function at zero', () => {
  const activities = [
    woke('outboxCron'),
    woke('reminderCron'),
    done('outboxCron', '2026-03-01T09:00:01.500Z'),
    done('outboxCron', '2026-03-01T09:01:00.100Z'),
    done('reminderCron', '2026-03-01T09:00:02.000Z'),
    woke('createTask'),
    done('createTask', '2026-03-01T09:00:03.000Z'),
  ];
  expect(tickTimes(activities, ['outboxCron', 'reminderCron'])).toEqual([1_500, 2_000]);
});

it('describes times by the middle and both ends', () => {
  expect(describeTimes([3_000, 1_000, 2_000, 9_000])).toBe('2.00 s in the middle, 1.00 s to 9.00 s, of 4');
});
