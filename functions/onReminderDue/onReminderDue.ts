import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { insertNotificationIfOpen } from '../../shared/store/notifications.ts';

export default defineFunction({
  name: 'onReminderDue',
  summary: 'Reminds the user of a task, if it is still open.',
  trigger: { event: 'reminder.due' },

  async handler(event, { sql, now, commit, measure }) {
    await commit({ statements: [insertNotificationIfOpen(sql, event, `Reminder: ${event.data.title}`, now)] });
    measure('evolution_todo.reminders.lateness', (now.getTime() - Date.parse(event.data.remind_at)) / 1000);
  },
});
