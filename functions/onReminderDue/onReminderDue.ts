import { randomUUID } from 'node:crypto';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { insertNotificationIfOpen } from '../../shared/store/notifications.ts';

export default defineFunction({
  name: 'onReminderDue',
  summary: 'Reminds the user of a task, if it is still open.',
  trigger: { event: 'reminder.due' },

  async handler(event, { sql, now, commit }) {
    const notification = {
      id: randomUUID(),
      userId: event.user_id,
      taskId: event.task_id,
      kind: event.event_type,
      message: `Reminder: ${event.data.title}`,
    };
    await commit({ statements: [insertNotificationIfOpen(sql, notification, now)] });
  },
});
