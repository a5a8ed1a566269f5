import { commitWithNext } from '../../shared/runtime/commitWithNext.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { notify } from '../../shared/store/notifications.ts';
import { countChange } from '../../shared/store/stats.ts';

export default defineFunction({
  name: 'onTaskCompleted',
  summary:
    'Counts a task as completed, tells users who want to know, and makes the next instance of its series in time.',
  trigger: { event: 'task.completed' },
  emits: ['task.created', 'recurring.trigger', 'delivery.due'],

  handler(event, context) {
    const { sql, now, origin } = context;
    const change = {
      statements: [countChange(sql, event.user_id, { ...event.data, completed_at: null }, event.data)],
      emitting: [notify(sql, event, { message: `Completed: ${event.data.title}`, now, origin })],
    };
    return commitWithNext(event, change, context);
  },
});
