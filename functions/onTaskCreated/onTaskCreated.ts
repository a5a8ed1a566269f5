import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { notify } from '../../shared/store/notifications.ts';
import { countChange } from '../../shared/store/stats.ts';

export default defineFunction({
  name: 'onTaskCreated',
  summary: 'Notifies the user of a new task and counts it in the statistics.',
  trigger: { event: 'task.created' },
  emits: ['delivery.due'],

  handler: (event, { sql, now, origin, commit }) =>
    commit({
      statements: [countChange(sql, event.user_id, null, event.data)],
      emitting: [notify(sql, event, { message: `New task: ${event.data.title}`, now, origin })],
    }),
});
