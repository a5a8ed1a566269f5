import type { Task } from '../domain/task.ts';
import type { TaskPlan } from '../domain/taskPlan.ts';
import type { EventData } from './catalogue.ts';

/** What `task.completed` says of a task that is completed now, at the version after the one that was read. */
export function taskCompleted(userId: string, task: Task, now: Date) {
  return {
    type: 'task.completed' as const,
    userId,
    taskId: task.id,
    data: { ...snapshot({ ...task, version: task.version + 1 }), completed_at: now.toISOString() },
  };
}

/** What `task.created` says of a task. */
export function taskCreated(userId: string, task: TaskPlan) {
  const dueAt = task.dueAt?.toISOString() ?? null;
  return { type: 'task.created' as const, userId, taskId: task.id, data: snapshot({ ...task, dueAt }) };
}

type Snapshot = Pick<Task, 'version' | 'title' | 'priority' | 'tags' | 'dueAt' | 'seriesId'>;

function snapshot(task: Snapshot): EventData<'task.created'> {
  return {
    version: task.version,
    title: task.title,
    priority: task.priority,
    tags: task.tags,
    due_at: task.dueAt,
    series_id: task.seriesId,
  };
}

/** What `recurring.trigger` says of a new instance of a series. */
export function recurringTrigger(userId: string, task: TaskPlan, slot: { at: Date; passedOver: number }) {
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
