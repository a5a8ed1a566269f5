import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { insertNotification } from '../../shared/store/notifications.ts';
import { countChange } from '../../shared/store/stats.ts';

export default defineFunction({
  name: 'onTaskCreated',
  summary: 'Notifies the user of a new task and counts it in the statistics.',
  trigger: { event: 'task.created' },

  handler: (event, { sql, now, commit }) =>
    commit({
      statements: [
        insertNotification(sql, event, `New task: ${event.data.title}`, now),
        countChange(sql, event.user_id, null, event.data),
      ],
    }),
});
