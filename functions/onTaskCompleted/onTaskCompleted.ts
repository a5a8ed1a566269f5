import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { notify } from '../../shared/store/notifications.ts';
import { countChange } from '../../shared/store/stats.ts';

export default defineFunction({
  name: 'onTaskCompleted',
  summary: 'Counts a task as completed, and notifies users who want to be told of it.',
  trigger: { event: 'task.completed' },
  emits: ['delivery.due'],

  handler: (event, { sql, now, origin, commit }) =>
    commit({
      statements: [countChange(sql, event.user_id, { ...event.data, completed_at: null }, event.data)],
      emitting: [notify(sql, event, { message: `Completed: ${event.data.title}`, now, origin })],
    }),
});
