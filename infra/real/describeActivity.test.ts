import { expect, it } from 'vitest';
import { describeRealActivity } from './describeActivity.ts';
import type { RealActivity } from './platform.ts';

const output = (fields: object): RealActivity => ({
  type: 'output',
  function: 'onTaskCreated',
  stream: 'stdout',
  line: JSON.stringify({ level: 'info', function: 'onTaskCreated', ...fields }),
});
const taken = { type: 'task.created', event: 'e-1', ms: 12 };

it.each<[string | undefined, RealActivity]>([
  ['event    task.created e-1 → onTaskCreated in 12 ms', output({ ...taken, outcome: 'handled' })],
  ['event    task.created e-1 → onTaskCreated in 12 ms (had it already)', output({ ...taken, outcome: 'duplicate' })],
  [undefined, output({ outcome: 'swept' })],
  [
    'tick     outbox-scheduler 200 in 8 ms',
    {
      type: 'request',
      function: 'outboxCron',
      method: 'POST',
      path: '/bindings/outbox-scheduler',
      status: 200,
      ms: 8.2,
    },
  ],
  [
    'job      time-up 200 in 8 ms',
    { type: 'request', function: 'onTimeUp', method: 'POST', path: '/job/time-up', status: 200, ms: 8.2 },
  ],
  [
    'http     POST /tasks 201 in 40 ms',
    { type: 'request', function: 'createTask', method: 'POST', path: '/tasks', status: 201, ms: 40.3 },
  ],
  ['part     kafka serves after 3012 ms', { part: 'kafka', kind: 'serving', ms: 3012.4 }],
  [
    'part     daprd ended, starts again in 250 ms: SIGKILL',
    { part: 'daprd', kind: 'ended', reason: 'SIGKILL', retryInMs: 250 },
  ],
  ['warning  daprd: broker away', { part: 'daprd', kind: 'warning', message: 'broker away' }],
])('says "%s"', (text, activity) => {
  expect(describeRealActivity(activity)).toBe(text);
});
