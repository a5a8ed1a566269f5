import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Task } from '../../../shared/domain/task.ts';
import { planTask } from '../../../shared/domain/taskChanges.ts';
import type { AnsweredWrite } from '../ledger.ts';
import { afterReminder, lastTurn } from './reminding.ts';
import type { WrittenEvent } from './replay.ts';

const at = (second: number) => `2026-03-01T09:00:0${second}.000Z`;
const template = {
  ...{ title: 'x', description: null, priority: 'low' as const, tags: [] },
  reminders: [{ at: at(5) }, { at: at(5) }],
};
const task = planTask(template, { newId: randomUUID, now: new Date(at(0)), due: null, remindFrom: new Date(at(0)) });

function due(
  of: Task,
  reminder: number,
  { version, occurredAt }: { version: number; occurredAt: string },
): WrittenEvent {
  const { id: reminder_id, remindAt: remind_at } = of.reminders[reminder] ?? {};
  return {
    ...{ id: randomUUID(), type: 'reminder.due', occurredAt },
    data: { version, title: of.title, due_at: of.dueAt, reminder_id, remind_at },
  };
}

it('lets reminders that are claimed at once make one version, and others one each', () => {
  const claim = { version: 2, occurredAt: at(6) };
  const first = afterReminder(task, due(task, 0, claim));
  expect(first.problems).toEqual([]);
  expect(first.task).toMatchObject({
    version: 2,
    updatedAt: at(6),
    reminders: [{ status: 'triggered' }, { status: 'pending' }],
  });
  expect(afterReminder(first.task, due(task, 1, claim)).problems).toEqual([]);
  expect(afterReminder(first.task, due(task, 1, { version: 3, occurredAt: at(7) })).problems).toEqual([]);
  expect(afterReminder(first.task, due(task, 1, { version: 2, occurredAt: at(7) })).problems).toHaveLength(1);
});

it.each([
  ['a deleted task', { deletedAt: at(1) }],
  ['a task that is done', { status: 'completed' as const }],
  ['another title', { title: 'y' }],
  [
    'reminders that were cancelled',
    { reminders: task.reminders.map((each) => ({ ...each, status: 'cancelled' as const })) },
  ],
  ['no such reminder', { reminders: [] }],
])('finds fault with a reminder of %s', (_, change) => {
  const event = due(task, 0, { version: 2, occurredAt: at(6) });
  expect(afterReminder({ ...task, ...change }, event).problems).toHaveLength(1);
});

it('knows whether a reminder that was sent stands in the end, and since when', () => {
  const sent = due(task, 0, { version: 2, occurredAt: at(6) });
  const triggered = afterReminder(task, sent).task;
  const write = (second: number, change: Partial<Task>) =>
    ({ task: { ...triggered, version: second, ...change }, acknowledgedAt: at(second) }) as AnsweredWrite;
  expect(lastTurn(sent, [])).toEqual({ stands: true, since: at(6) });
  expect(lastTurn(sent, [write(1, { status: 'completed' })])).toEqual({ stands: true, since: at(6) });
  const done = write(7, { status: 'completed' });
  expect(lastTurn(sent, [done, write(8, { status: 'completed' })])).toEqual({ stands: false, since: at(7) });
  expect(lastTurn(sent, [done, write(8, {})])).toEqual({ stands: true, since: at(8) });
  expect(lastTurn(sent, [write(7, { deletedAt: at(7) })])).toMatchObject({ stands: false });
  const moved = triggered.reminders.map((each) => ({ ...each, remindAt: at(9) }));
  expect(lastTurn(sent, [write(7, { reminders: moved })])).toMatchObject({ stands: false });
  const dismissed = triggered.reminders.map((each) => ({ ...each, status: 'dismissed' as const }));
  expect(lastTurn(sent, [write(7, { reminders: dismissed })])).toMatchObject({ stands: false });
});
