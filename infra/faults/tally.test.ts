import { expect, it } from 'vitest';
import { createTally } from './tally.ts';

const line = (fields: object) =>
  ({ type: 'output', function: 'onTaskCreated', stream: 'stdout', line: JSON.stringify(fields) }) as const;

it('counts how functions answered deliveries, and nothing else of their logs', () => {
  const tally = createTally();
  for (const outcome of ['handled', 'handled', 'duplicate', 'dropped', 'failed']) {
    tally.add(line({ level: 'info', type: 'task.created', ms: 3, event: 'e1', outcome }));
  }
  tally.add(line({ level: 'warn', outcome: 'unpublished', event: 'e1', type: 'task.created' }));
  tally.add(line({ level: 'error', outcome: 'failed', ms: 3 }));
  expect(tally.deliveries).toEqual({ handled: 2, duplicate: 1, dropped: 1, failed: 1 });
});

it('counts functions that start and end, and parts that are started again', () => {
  const tally = createTally();
  tally.add({ type: 'woke', function: 'createTask', ms: 100 });
  tally.add({ type: 'crashed', function: 'createTask', code: null, signal: 'SIGKILL', stderr: [] });
  tally.add({ part: 'kafka', kind: 'ended', reason: 'SIGKILL', retryInMs: 250 });
  tally.add({ part: 'kafka', kind: 'serving', ms: 3_000 });
  expect(tally.functions).toEqual({ woken: 1, slept: 0, crashed: 1 });
  expect(tally.restarts).toEqual({ kafka: 1 });
});
