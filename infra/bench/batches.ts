import { randomUUID } from 'node:crypto';
import createTask from '../../functions/createTask/createTask.ts';
import onTaskCreated from '../../functions/onTaskCreated/onTaskCreated.ts';
import { planTask } from '../../shared/domain/taskChanges.ts';
import type { TaskEvent } from '../../shared/events/event.ts';
import { taskCreated } from '../../shared/events/taskEvents.ts';
import { type Row, runAs, type Sql } from '../../shared/store/database.ts';
import { recordEvent } from '../../shared/store/inbox.ts';
import { notify } from '../../shared/store/notifications.ts';
import { claimEvents, insertEvents, markPublished } from '../../shared/store/outbox.ts';
import { countChange } from '../../shared/store/stats.ts';
import { insertTask, requireRoom } from '../../shared/store/tasks.ts';

// The transactions of functions, by Neon's driver alone: what a function is measured beside.

/** An event that is in the outbox, and the task that it is of. */
export interface Unpublished {
  seq: string;
  taskId: string;
}

/** The transaction of `createTask` for a plain task. */
export async function createBatch(sql: Sql, userId: string): Promise<Unpublished> {
  const template = { title: 'Buy milk', description: null, priority: 'medium' as const, tags: [], reminders: [] };
  const now = new Date();
  const task = planTask(template, { newId: randomUUID, now, due: null, remindFrom: now });
  const results: Row[][] = await runAs(sql, { userId })(
    requireRoom(sql, userId),
    ...insertTask(sql, userId, task),
    insertEvents(sql, [taskCreated(userId, task)], { origin: { source: `/evolution-todo/${createTask.name}` }, now }),
  );
  return { seq: String(results.at(-1)?.[0]?.seq), taskId: task.id };
}

/** The transaction that follows when an event is published. */
export async function publishedBatch(sql: Sql, { seq, taskId }: Unpublished): Promise<void> {
  const now = new Date();
  await runAs(sql, 'system')(markPublished(sql, [seq], now), claimEvents(sql, now, 1, [taskId]));
}

/** The transaction of `onTaskCreated`. */
export async function consumeBatch(sql: Sql, event: TaskEvent<'task.created'>): Promise<void> {
  const now = new Date();
  const origin = { source: `/evolution-todo/${onTaskCreated.name}` };
  await runAs(sql, { userId: event.user_id })(
    recordEvent(sql, onTaskCreated.name, event.event_id, now),
    countChange(sql, event.user_id, null, event.data),
    notify(sql, event, { message: `New task: ${event.data.title}`, now, origin }),
  );
}
