import { expect, test } from 'vitest';
import { createWaitingLine } from './waitingLine.ts';

test('turns are given in the order of arrival, past those who left', async () => {
  const line = createWaitingLine<string>();
  const leaver = new AbortController();
  const first = line.enter(new AbortController().signal);
  const second = line.enter(leaver.signal);
  const third = line.enter(new AbortController().signal);
  expect(line.size).toBe(3);

  leaver.abort(new Error('left'));
  await expect(second).rejects.toThrow('left');
  line.admit('turn 1');
  line.admit('turn 2');

  expect(await first).toBe('turn 1');
  expect(await third).toBe('turn 2');
  expect(line.size).toBe(0);
});

test('all who wait are refused at once, and the line is usable afterwards', async () => {
  const line = createWaitingLine<string>();
  const waiting = [line.enter(new AbortController().signal), line.enter(new AbortController().signal)];

  line.refuseAll(new Error('closed'));

  for (const refused of await Promise.allSettled(waiting)) expect(refused.status).toBe('rejected');
  const next = line.enter(new AbortController().signal);
  line.admit('turn');
  expect(await next).toBe('turn');
});

test('who has given up already does not enter', async () => {
  const line = createWaitingLine<string>();
  await expect(line.enter(AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone');
  expect(line.size).toBe(0);
});
