import { isDeepStrictEqual } from 'node:util';
import type { Task, TaskReminder } from '../../../shared/domain/task.ts';
import type { EventType } from '../../../shared/events/catalogue.ts';
import { STEADY_ZONES } from '../plannedTask.ts';

/** What was asked for of a task, as it was sent. */
export type Sent =
  | { kind: 'update'; patch: Partial<Pick<Task, 'title' | 'description' | 'priority' | 'tags' | 'due'>> }
  | { kind: 'complete' }
  | { kind: 'reopen' }
  | { kind: 'delete' }
  | { kind: 'restore' }
  | { kind: 'snooze'; reminderId: string; seconds: number }
  | { kind: 'dismiss'; reminderId: string };

/** What comes of it: a new version and an event, the task as it was, or a refusal. */
export type Outcome =
  | { kind: 'changed'; type: EventType; task: Task; changed: string[] }
  | { kind: 'same' }
  | { kind: 'refused'; status: number };

/** Minutes are what the zones' clocks are ahead by. */
const MINUTE_MS = 60_000;
/** What the plan's durations are in milliseconds, where a day has 24 hours. */
const LEADS_MS: Record<string, number> = {
  ...{ PT0S: 0, PT3S: 3_000, PT5S: 5_000 },
  ...{ PT1H: 60 * MINUTE_MS, P1D: 24 * 60 * MINUTE_MS },
};

/** What a write at an instant (RFC 3339) comes to; written down a second time, without the code that is tested. */
export function outcomeOf(task: Task, sent: Sent, at: string): Outcome {
  if (task.deletedAt !== null) {
    if (sent.kind !== 'restore') return { kind: 'refused', status: 404 };
    const reminders = task.status === 'open' ? resumed(task.reminders, at) : task.reminders;
    return changed('task.updated', task, { deletedAt: null, reminders }, at);
  }
  switch (sent.kind) {
    case 'restore':
      return { kind: 'same' };
    case 'delete':
      return changed('task.deleted', task, { deletedAt: at, reminders: cancelled(task.reminders) }, at);
    case 'complete': {
      if (task.status === 'completed') return { kind: 'same' };
      const reminders = cancelled(task.reminders);
      return changed('task.completed', task, { status: 'completed', completedAt: at, reminders }, at);
    }
    case 'reopen': {
      if (task.status === 'open') return { kind: 'same' };
      const reminders = resumed(task.reminders, at);
      return changed('task.updated', task, { status: 'open', completedAt: null, reminders }, at);
    }
    case 'update':
      return unlessSame(changed('task.updated', task, patched(task, sent.patch, at), at));
    case 'snooze': {
      const remindAt = new Date(Date.parse(at) + sent.seconds * 1000).toISOString();
      return withReminder(task, sent.reminderId, { remindAt, snoozed: true, status: 'pending' }, at);
    }
    case 'dismiss':
      return unlessSame(withReminder(task, sent.reminderId, { status: 'dismissed' }, at));
  }
}

/** Names of the fields in which two states of a task differ, but for those that change with each write. */
export function differences(before: Task, after: Task): string[] {
  const names = Object.keys({ ...before, ...after }) as (keyof Task)[];
  return names.filter(
    (name) => name !== 'version' && name !== 'updatedAt' && !isDeepStrictEqual(before[name], after[name]),
  );
}

function changed(type: EventType, task: Task, change: Partial<Task>, at: string): Outcome {
  const next = { ...task, ...change };
  const version = task.version + 1;
  return { kind: 'changed', type, changed: differences(task, next), task: { ...next, version, updatedAt: at } };
}

/** A write of what is there already is none. */
function unlessSame(outcome: Outcome): Outcome {
  return outcome.kind === 'changed' && outcome.changed.length === 0 ? { kind: 'same' } : outcome;
}

function patched(task: Task, patch: Extract<Sent, { kind: 'update' }>['patch'], at: string): Partial<Task> {
  const { due } = patch;
  if (!due || isDeepStrictEqual(due, task.due)) return patch;
  const dueAt = instantOf(due);
  const reminders = task.reminders.map((reminder): TaskReminder => {
    if ('at' in reminder.spec) return reminder;
    const remindAt = new Date(Date.parse(dueAt) - leadOf(reminder.spec.before)).toISOString();
    const status = task.status === 'completed' ? 'cancelled' : remindAt < at ? 'expired' : 'pending';
    return { ...reminder, remindAt, snoozed: false, status };
  });
  return { ...patch, dueAt, reminders: inOrder(reminders) };
}

/** A task that is done reminds of nothing. */
function withReminder(task: Task, reminderId: string, change: Partial<TaskReminder>, at: string): Outcome {
  if (task.status !== 'open') return { kind: 'refused', status: 422 };
  const reminders = task.reminders.map((each) => (each.id === reminderId ? { ...each, ...change } : each));
  return changed('task.updated', task, { reminders: inOrder(reminders) }, at);
}

function instantOf(due: NonNullable<Task['due']>): string {
  const ahead = STEADY_ZONES[due.timeZone as keyof typeof STEADY_ZONES];
  if (!('dateTime' in due) || ahead === undefined) throw new RangeError(`no script moves to ${JSON.stringify(due)}`);
  return new Date(Date.parse(`${due.dateTime}Z`) - ahead * MINUTE_MS).toISOString();
}

function leadOf(duration: string): number {
  const lead = LEADS_MS[duration];
  if (lead === undefined) throw new RangeError(`no script has a reminder ${duration} before`);
  return lead;
}

function cancelled(reminders: readonly TaskReminder[]): TaskReminder[] {
  return reminders.map((each) => (each.status === 'pending' ? { ...each, status: 'cancelled' } : each));
}

/** What came due while the task was closed does not come again. */
function resumed(reminders: readonly TaskReminder[], at: string): TaskReminder[] {
  return reminders.map((each) =>
    each.status === 'cancelled' ? { ...each, status: each.remindAt < at ? 'expired' : 'pending' } : each,
  );
}

function inOrder(reminders: readonly TaskReminder[]): TaskReminder[] {
  const place = ({ remindAt, id }: TaskReminder) => remindAt + id;
  return [...reminders].sort((one, other) => (place(one) < place(other) ? -1 : 1));
}
