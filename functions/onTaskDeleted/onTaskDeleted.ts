import { commitWithNext } from '../../shared/runtime/commitWithNext.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { notify } from '../../shared/store/notifications.ts';
import { countChange } from '../../shared/store/stats.ts';

export default defineFunction({
  name: 'onTaskDeleted',
  summary:
    'Takes a task out of the statistics, tells users who want to know, and makes the next instance of its series.',
  trigger: { event: 'task.deleted' },
  emits: ['task.created', 'recurring.trigger', 'delivery.due'],

  handler(event, context) {
    const { sql, now, origin } = context;
    const change = {
      statements: [countChange(sql, event.user_id, event.data, null)],
      emitting: [notify(sql, event, { message: `Deleted: ${event.data.title}`, now, origin })],
    };
    return commitWithNext(event, change, context);
  },
});
