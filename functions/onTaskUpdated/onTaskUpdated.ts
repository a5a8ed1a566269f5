import { changeMessage } from '../../shared/domain/notification.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { notify } from '../../shared/store/notifications.ts';
import { countChange } from '../../shared/store/stats.ts';

export default defineFunction({
  name: 'onTaskUpdated',
  summary: 'Moves a task in the statistics and its wake-up in time, and tells users who want to know what has changed.',
  trigger: { event: 'task.updated' },
  emits: ['delivery.due'],

  async handler(event, { sql, now, origin, commit, wakeUp }) {
    const { title, changed, previous, next_reminder_at: reminder } = event.data;
    if (reminder) await wakeUp({ due: new Date(reminder) });
    const message = changeMessage(title, { changed, restored: previous === null });
    return commit({
      statements: [countChange(sql, event.user_id, previous, event.data)],
      emitting: [notify(sql, event, { message, now, origin })],
    });
  },
});
