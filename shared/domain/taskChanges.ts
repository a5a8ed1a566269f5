import { type Due, dueInstant, inZone } from './due.ts';
import { DomainError } from './errors.ts';
import { type Reminder, remindAt, type Snooze, snoozedUntil } from './reminder.ts';
import type { Task, TaskPatch, TaskReminder, TaskTemplate } from './task.ts';

/** How long a deleted task can be restored, in milliseconds: longer than a holiday. Then it is purged. */
export const RESTORABLE_MS = 30 * 24 * 60 * 60 * 1000;

/** Makes an id that nothing else has. */
export type NewId = () => string;

export interface PlanOptions {
  newId: NewId;
  now: Date;
  due: Due | null;
  occurrence?: { seriesId: string; local: string };
  /** A reminder whose time was before this is recorded as expired: it is told so, and not sent. */
  remindFrom: Date;
}

export interface PatchOptions extends Pick<PlanOptions, 'newId' | 'now'> {
  /** Where a floating due time of the patch stands. */
  userZone: string;
}

/** A new task, from its template. */
export function planTask(template: TaskTemplate, { newId, now, due, occurrence, remindFrom }: PlanOptions): Task {
  const { reminders, ...fields } = template;
  return {
    ...fields,
    id: newId(),
    status: 'open',
    due,
    dueAt: due && dueInstant(due).toISOString(),
    reminders: inOrder(reminders.map((spec) => planReminder(spec, { newId, due, remindFrom }))),
    seriesId: occurrence?.seriesId ?? null,
    occurrence: occurrence?.local ?? null,
    version: 1,
    createdAt: now.toISOString(),
    updatedAt: now.toISOString(),
    completedAt: null,
    deletedAt: null,
  };
}

/** The task, done. What has not reminded by then does not. */
export function completed(task: Task, now: Date): Task {
  return changed(task, now, {
    status: 'completed',
    completedAt: now.toISOString(),
    reminders: cancelled(task.reminders),
  });
}

/** The task, open again, with those of its reminders that are still ahead. */
export function reopened(task: Task, userZone: string, now: Date): Task {
  const { reminders, ...where } = located(task, userZone);
  return changed(task, now, { ...where, status: 'open', completedAt: null, reminders: resumed(reminders, now) });
}

export function deleted(task: Task, now: Date): Task {
  return changed(task, now, { deletedAt: now.toISOString(), reminders: cancelled(task.reminders) });
}

/** The task, no longer deleted; where it is open, with those of its reminders that are still ahead. */
export function restored(task: Task, userZone: string, now: Date): Task {
  if (task.status !== 'open') return changed(task, now, { deletedAt: null });
  const { reminders, ...where } = located(task, userZone);
  return changed(task, now, { ...where, deletedAt: null, reminders: resumed(reminders, now) });
}

/** The task, its user now being in another zone: a floating due time stays the same wall time there. */
export function relocated(task: Task, userZone: string, now: Date): Task {
  return changed(task, now, located(task, userZone));
}

/**
 * The task with a patch applied. Reminders that stay as they are keep their ids; when the due time moves, those relative
 * to it move along and will remind anew. Throws `invalid` where a reminder would be left without its due time.
 */
export function patched(task: Task, patch: TaskPatch, { newId, now, userZone }: PatchOptions): Task {
  const { due: newDue, reminders: specs = task.reminders.map(({ spec }) => spec), ...fields } = patch;
  const due = newDue === undefined ? task.due : newDue && inZone(newDue, userZone);
  const moved = !sameJson(due, task.due);
  const kept = [...task.reminders];
  const reminders = specs.map((spec) => {
    const index = kept.findIndex((reminder) => sameJson(reminder.spec, spec));
    const [same] = index < 0 ? [] : kept.splice(index, 1);
    if (same && (!moved || 'at' in spec)) return same;
    const planned = planReminder(spec, { newId: same ? () => same.id : newId, due, remindFrom: now });
    return task.status === 'open' ? planned : { ...planned, status: 'cancelled' as const };
  });
  return changed(task, now, {
    ...(fields as Partial<Task>),
    due,
    dueAt: due && dueInstant(due).toISOString(),
    reminders: inOrder(reminders),
  });
}

/** The task, one of its reminders put off: it will remind anew, whatever became of it before. */
export function snoozed(task: Task, reminderId: string, snooze: Snooze, now: Date): Task {
  const until = snoozedUntil(snooze, now, task.due?.timeZone ?? 'UTC');
  return withReminder(task, reminderId, now, { remindAt: until.toISOString(), snoozed: true, status: 'pending' });
}

/** The task, one of its reminders waved away: it does not remind (any more), until the due time moves it. */
export function dismissed(task: Task, reminderId: string, now: Date): Task {
  return withReminder(task, reminderId, now, { status: 'dismissed' });
}

/** Throws where a task is done, and so reminds of nothing, or has no such reminder. */
function withReminder(task: Task, id: string, now: Date, change: Partial<TaskReminder>): Task {
  if (!task.reminders.some((reminder) => reminder.id === id)) {
    throw new DomainError('not_found', 'The task has no such reminder.');
  }
  if (task.status !== 'open') throw new DomainError('invalid', 'The task is done: it reminds of nothing.');
  const reminders = task.reminders.map((reminder) => (reminder.id === id ? { ...reminder, ...change } : reminder));
  return changed(task, now, { reminders: inOrder(reminders) });
}

/** Names of the fields in which two states of a task differ, as a client would see it. */
export function changedFields(before: Task, after: Task): (keyof Task)[] {
  const fields = Object.keys(after) as (keyof Task)[];
  return fields.filter((field) => !BOOKKEEPING.has(field) && !sameJson(before[field], after[field]));
}

/** Change with every write, so they tell nothing. */
const BOOKKEEPING: ReadonlySet<keyof Task> = new Set(['version', 'updatedAt']);

function changed(task: Task, now: Date, change: Partial<Task>): Task {
  return { ...task, ...change, version: task.version + 1, updatedAt: now.toISOString() };
}

function planReminder(
  spec: Reminder,
  { newId, due, remindFrom }: Pick<PlanOptions, 'newId' | 'due' | 'remindFrom'>,
): TaskReminder {
  const at = remindAt(spec, due);
  return {
    id: newId(),
    spec,
    remindAt: at.toISOString(),
    snoozed: false,
    status: at < remindFrom ? 'expired' : 'pending',
  };
}

/**
 * What of a task depends on where its user is: a floating due time, and the reminders before it that have not reminded
 * yet. One whose time has passed where the user is now reminds at once.
 */
function located(task: Task, userZone: string): Pick<Task, 'due' | 'dueAt' | 'reminders'> {
  const { due: before, dueAt, reminders } = task;
  if (!before?.floating || before.timeZone === userZone) return { due: before, dueAt, reminders };
  const due = inZone(before, userZone);
  const waits = ({ status, snoozed }: TaskReminder) => !snoozed && (status === 'pending' || status === 'cancelled');
  const moved = reminders.map((reminder) =>
    waits(reminder) ? { ...reminder, remindAt: remindAt(reminder.spec, due).toISOString() } : reminder,
  );
  return { due, dueAt: dueInstant(due).toISOString(), reminders: inOrder(moved) };
}

function cancelled(reminders: readonly TaskReminder[]): TaskReminder[] {
  return reminders.map((reminder) => (reminder.status === 'pending' ? { ...reminder, status: 'cancelled' } : reminder));
}

function resumed(reminders: readonly TaskReminder[], now: Date): TaskReminder[] {
  return reminders.map((reminder) => {
    if (reminder.status !== 'cancelled') return reminder;
    return { ...reminder, status: Date.parse(reminder.remindAt) < now.getTime() ? 'expired' : 'pending' };
  });
}

/** As Postgres sorts them when it reads a task. */
function inOrder(reminders: readonly TaskReminder[]): TaskReminder[] {
  const key = ({ remindAt: at, id }: TaskReminder) => `${at} ${id}`;
  return [...reminders].sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Whether two values are the same as JSON; their objects must have been built in the same way. */
export function sameJson(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
