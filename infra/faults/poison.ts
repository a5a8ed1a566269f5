import { randomUUID } from 'node:crypto';
import type { EventType } from '../../shared/events/catalogue.ts';
import type { Defect } from './plan.ts';

/** An event of a type's topic, about a task, that its function must refuse for ever. */
export function poisonEvent(type: EventType, defect: Defect, taskId: string): { id: string } & Record<string, unknown> {
  const id = randomUUID();
  const time = new Date().toISOString();
  const data = {
    event_id: defect === 'other id' ? randomUUID() : id,
    event_type: defect === 'other type' ? 'task.unheard-of' : type,
    timestamp: time,
    user_id: 'poisoner',
    task_id: defect === 'missing fields' ? undefined : taskId,
    data: readable(time),
  };
  return {
    specversion: '1.0',
    id,
    type,
    source: '/evolution-todo/faults',
    subject: taskId,
    time,
    datacontenttype: 'application/json',
    data: defect === 'no data' ? 'poison' : data,
  };
}

/** What the data of every type can be read from. */
function readable(time: string) {
  return {
    ...{ version: 1, title: 'poison', priority: 'low', tags: [], due_at: time, series_id: null, completed_at: time },
    ...{ created_at: time, previous: null, reminder_id: randomUUID(), remind_at: time },
    ...{ recurring_id: randomUUID(), occurrence: '2026-03-01', passed_over: 0, changed: [] },
    ...{ delivery_id: randomUUID(), channel: 'email' },
  };
}
