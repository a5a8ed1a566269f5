import { expect, it } from 'vitest';
import { readTakenEvent } from './functionLog.ts';

const line = (fields: object) => JSON.stringify({ time: 'T', level: 'info', function: 'onTaskCreated', ...fields });
const event = { type: 'task.created', event: 'e-1', ms: 12 };

it('tells an event that was handled, and one that was there already', () => {
  expect(readTakenEvent(line({ ...event, outcome: 'handled' }))).toEqual({ ...event, outcome: 'handled' });
  expect(readTakenEvent(line({ ...event, outcome: 'duplicate' }))).toEqual({ ...event, outcome: 'duplicate' });
});

it.each(['failed', 'dropped'])('does not count an event that %s', (outcome) => {
  expect(readTakenEvent(line({ ...event, outcome }))).toBeUndefined();
});

it.each(['', 'Error: no such table', 'null', line({ status: 200 })])('passes over %j', (text) => {
  expect(readTakenEvent(text)).toBeUndefined();
});
