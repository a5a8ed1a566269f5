import { expect, it } from 'vitest';
import { recordFunctionLives } from './functionLives.ts';

function recorded() {
  let now = 0;
  const lives = recordFunctionLives(() => now);
  const at = (time: number, type: 'waking' | 'woke' | 'slept' | 'crashed', name = 'reminderCron') => {
    now = time;
    if (type === 'woke') lives.add({ type, function: name, ms: 5 });
    else if (type === 'slept') lives.add({ type, function: name, forced: false });
    else if (type === 'crashed') lives.add({ type, function: name, code: 1, signal: null, stderr: [] });
    else lives.add({ type, function: name });
  };
  return { lives, at };
}

it('a process lives from when it is started, not from when it serves, until it is gone', () => {
  const { lives, at } = recorded();
  at(10, 'waking');
  at(15, 'woke');
  expect(lives.running()).toEqual(['reminderCron']);
  at(40, 'slept');
  expect(lives.running()).toEqual([]);
  expect(lives.within({ from: 0, to: 100 })).toEqual([{ function: 'reminderCron', from: 10, to: 40 }]);
});

it('a pod, of whose start nobody tells, lives from when it is there', () => {
  const { lives, at } = recorded();
  at(15, 'woke');
  at(40, 'crashed');
  expect(lives.within({ from: 0, to: 100 })).toEqual([{ function: 'reminderCron', from: 15, to: 40 }]);
});

it('a life that goes on ends with the window, and one outside of it does not count', () => {
  const { lives, at } = recorded();
  at(1, 'waking', 'outboxCron');
  at(5, 'slept', 'outboxCron');
  at(50, 'waking');
  at(120, 'waking', 'recurringCron');
  expect(lives.within({ from: 10, to: 100 })).toEqual([{ function: 'reminderCron', from: 50, to: 100 }]);
});
