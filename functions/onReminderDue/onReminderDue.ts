import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { notify } from '../../shared/store/notifications.ts';

export default defineFunction({
  name: 'onReminderDue',
  summary: 'Reminds the user of a task, if it is still open and the reminder still stands.',
  trigger: { event: 'reminder.due' },
  emits: ['delivery.due'],

  async handler(event, { sql, now, origin, commit, measure }) {
    const message = `Reminder: ${event.data.title}`;
    await commit({ statements: [], emitting: [notify(sql, event, { message, now, origin, reminder: event.data })] });
    measure('evolution_todo.reminders.lateness', (now.getTime() - Date.parse(event.data.remind_at)) / 1000);
  },
});
