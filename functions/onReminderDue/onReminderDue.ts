import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { insertNotificationIfOpen } from '../../shared/store/notifications.ts';

export default defineFunction({
  name: 'onReminderDue',
  summary: 'Reminds the user of a task, if it is still open.',
  trigger: { event: 'reminder.due' },

  handler: (event, { sql, now, commit }) =>
    commit({ statements: [insertNotificationIfOpen(sql, event, `Reminder: ${event.data.title}`, now)] }),
});
