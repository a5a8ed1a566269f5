import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { insertReminderNotification } from '../../shared/store/notifications.ts';

export default defineFunction({
  name: 'onReminderDue',
  summary: 'Reminds the user of a task, if it is still open and the reminder still stands.',
  trigger: { event: 'reminder.due' },

  async handler(event, { sql, now, commit, measure }) {
    await commit({ statements: [insertReminderNotification(sql, event, `Reminder: ${event.data.title}`, now)] });
    measure('evolution_todo.reminders.lateness', (now.getTime() - Date.parse(event.data.remind_at)) / 1000);
  },
});
