import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { notify } from '../../shared/store/notifications.ts';
import { countChange } from '../../shared/store/stats.ts';

export default defineFunction({
  name: 'onTaskCreated',
  summary: 'Notifies the user of a new task, counts it in the statistics, and has its first reminder wake somebody.',
  trigger: { event: 'task.created' },
  emits: ['delivery.due'],

  async handler(event, { sql, now, origin, commit, wakeUp }) {
    const { title, next_reminder_at: reminder } = event.data;
    if (reminder) await wakeUp({ due: new Date(reminder) });
    return commit({
      statements: [countChange(sql, event.user_id, null, event.data)],
      emitting: [notify(sql, event, { message: `New task: ${title}`, now, origin })],
    });
  },
});
