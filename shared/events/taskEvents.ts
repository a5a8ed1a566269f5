import type { Task } from '../domain/task.ts';
import { changedFields } from '../domain/taskChanges.ts';
import type { EventData } from './catalogue.ts';

/** What `task.created` says of a task. */
export function taskCreated(userId: string, task: Task) {
  return { type: 'task.created' as const, userId, taskId: task.id, data: snapshot(task) };
}

/** What `task.updated` says of a task that was changed, reopened, or restored. */
export function taskUpdated(userId: string, before: Task, after: Task) {
  const previous = before.deletedAt === null ? milestones(before) : null;
  const data = { ...snapshot(after), changed: changedFields(before, after), previous };
  return { type: 'task.updated' as const, userId, taskId: after.id, data };
}

/** What `task.completed` says of a task that is done. */
export function taskCompleted(userId: string, task: Task) {
  if (!task.completedAt) throw new Error(`task ${task.id} is not completed`);
  const data = { ...snapshot(task), completed_at: task.completedAt };
  return { type: 'task.completed' as const, userId, taskId: task.id, data };
}

/** What `task.deleted` says of a task that is gone. */
export function taskDeleted(userId: string, task: Task) {
  return { type: 'task.deleted' as const, userId, taskId: task.id, data: snapshot(task) };
}

/** What `recurring.trigger` says of a new instance of a series. */
export function recurringTrigger(userId: string, task: Task, slot: { at: Date; passedOver: number }) {
  const { id, version, title, seriesId, occurrence } = task;
  if (!seriesId || !occurrence) throw new Error(`task ${id} is no instance of a series`);
  return {
    type: 'recurring.trigger' as const,
    userId,
    taskId: id,
    data: {
      version,
      title,
      recurring_id: seriesId,
      occurrence,
      due_at: slot.at.toISOString(),
      passed_over: slot.passedOver,
    },
  };
}

function snapshot(task: Task): EventData<'task.created'> {
  const { version, title, priority, tags, seriesId: series_id } = task;
  return { version, title, priority, tags, series_id, next_reminder_at: nextReminderAt(task), ...milestones(task) };
}

function nextReminderAt({ reminders }: Task): string | null {
  const times = reminders.filter(({ status }) => status === 'pending').map(({ remindAt }) => remindAt);
  // All in one form, whose order is that of time.
  return times.sort()[0] ?? null;
}

function milestones({ createdAt, dueAt, completedAt }: Task) {
  return { created_at: createdAt, due_at: dueAt, completed_at: completedAt };
}
