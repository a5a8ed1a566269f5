import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Task, TaskPatch } from '../../../shared/domain/task.ts';
import * as domain from '../../../shared/domain/taskChanges.ts';
import { dueOf } from '../plannedTask.ts';
import { createRandom } from '../random.ts';
import { type Outcome, outcomeOf, type Sent } from './model.ts';
import { sentAt } from './play.ts';
import { planScript } from './script.ts';

const START = Date.parse('2026-03-01T09:00:00.250Z');
const at = (seconds: number) => new Date(START + seconds * 1000);

/** A task that is due in ten seconds, with reminders five seconds before and at an instant. */
function newTask(): Task {
  const reminders = [{ before: 'PT5S' }, { at: at(20).toISOString() }];
  const template = { title: 'Pay rent', description: null, priority: 'low' as const, tags: [], reminders };
  const due = dueOf({ inSeconds: 10, timeZone: 'Asia/Kolkata' }, at(0));
  return domain.planTask(template, { newId: randomUUID, now: at(0), due, remindFrom: at(0) });
}

/** What the code under test makes of a write, told as the model tells it. */
function outcomeInDomain(task: Task, sent: Sent, now: Date): Outcome['kind'] | Task {
  if (sent.kind === 'restore') return task.deletedAt === null ? 'same' : domain.restored(task, 'UTC', now);
  if (task.deletedAt !== null) return 'refused';
  if (sent.kind === 'delete') return domain.deleted(task, now);
  if (sent.kind === 'complete') return task.status === 'completed' ? 'same' : domain.completed(task, now);
  if (sent.kind === 'reopen') return task.status === 'open' ? 'same' : domain.reopened(task, 'UTC', now);
  if (sent.kind === 'snooze' || sent.kind === 'dismiss') {
    if (task.status !== 'open') return 'refused';
    if (sent.kind === 'snooze') return domain.snoozed(task, sent.reminderId, { for: `PT${sent.seconds}S` }, now);
    const dismissed = domain.dismissed(task, sent.reminderId, now);
    return domain.changedFields(task, dismissed).length === 0 ? 'same' : dismissed;
  }
  const after = domain.patched(task, sent.patch as TaskPatch, { newId: randomUUID, now, userZone: 'UTC' });
  return domain.changedFields(task, after).length === 0 ? 'same' : after;
}

it('agrees with the rules of the system over random scripts, whenever their writes come', () => {
  const seen: Record<string, number> = {};
  for (let seed = 0; seed < 400; seed += 1) {
    const random = createRandom(seed);
    let task = newTask();
    let second = 1;
    for (const { action } of planScript(`s${seed}`, 12, random).writes) {
      if (action.kind === 'read') continue;
      second += random.integer(0, 4);
      const now = at(second);
      const sent = sentAt(action, task, now);
      if (!sent) throw new Error('every task here has reminders');
      const outcome = outcomeOf(task, sent, now.toISOString());
      const expected = outcomeInDomain(task, sent, now);
      seen[outcome.kind] = (seen[outcome.kind] ?? 0) + 1;
      if (outcome.kind !== 'changed') expect(outcome.kind).toBe(expected);
      else {
        expect(outcome.task).toEqual(expected);
        expect(outcome.changed.sort()).toEqual(domain.changedFields(task, outcome.task).sort());
        task = outcome.task;
      }
    }
  }
  expect(Object.keys(seen).sort()).toEqual(['changed', 'refused', 'same']);
  expect(Math.min(...Object.values(seen))).toBeGreaterThan(50);
});

it('does not bring back a reminder whose time came while the task was done or deleted', () => {
  for (const [close, open] of [
    ['complete', 'reopen'],
    ['delete', 'restore'],
  ] as const) {
    const closed = outcomeOf(newTask(), { kind: close }, at(1).toISOString());
    const opened = closed.kind === 'changed' && outcomeOf(closed.task, { kind: open }, at(15).toISOString());
    expect(opened).toMatchObject({ task: { reminders: [{ status: 'expired' }, { status: 'pending' }] } });
  }
});

it('refuses to guess what a zone with clock changes comes to', () => {
  const due = { dateTime: '2026-03-29T01:30:00', timeZone: 'Europe/Madrid' };
  expect(() => outcomeOf(newTask(), { kind: 'update', patch: { due } }, at(1).toISOString())).toThrow('Madrid');
});
