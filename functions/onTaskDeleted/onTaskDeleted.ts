import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { notify } from '../../shared/store/notifications.ts';
import { countChange } from '../../shared/store/stats.ts';

export default defineFunction({
  name: 'onTaskDeleted',
  summary: 'Takes a task out of the statistics, and notifies users who want to be told of it.',
  trigger: { event: 'task.deleted' },
  emits: ['delivery.due'],

  handler: (event, { sql, now, origin, commit }) =>
    commit({
      statements: [countChange(sql, event.user_id, event.data, null)],
      emitting: [notify(sql, event, { message: `Deleted: ${event.data.title}`, now, origin })],
    }),
});
