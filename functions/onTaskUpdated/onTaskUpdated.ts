import { changeMessage } from '../../shared/domain/notification.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { notify } from '../../shared/store/notifications.ts';
import { countChange } from '../../shared/store/stats.ts';

export default defineFunction({
  name: 'onTaskUpdated',
  summary: 'Moves a task in the statistics, and tells users who want to know what has changed.',
  trigger: { event: 'task.updated' },
  emits: ['delivery.due'],

  handler(event, { sql, now, origin, commit }) {
    const { title, changed, previous } = event.data;
    const message = changeMessage(title, { changed, restored: previous === null });
    return commit({
      statements: [countChange(sql, event.user_id, previous, event.data)],
      emitting: [notify(sql, event, { message, now, origin })],
    });
  },
});
