import { randomUUID } from 'node:crypto';
import type { TaskEvent } from '../../shared/events/event.ts';
import { taskSnapshot } from './taskSnapshot.ts';

/** An event such as createTask would write, of a task that only this event tells of. */
export function createdEvent(userId: string, title = 'Buy milk'): TaskEvent<'task.created'> {
  return {
    event_id: randomUUID(),
    event_type: 'task.created',
    timestamp: new Date().toISOString(),
    user_id: userId,
    task_id: randomUUID(),
    data: taskSnapshot({ title }),
  };
}
