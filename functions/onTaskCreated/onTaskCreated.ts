import { randomUUID } from 'node:crypto';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { insertNotification } from '../../shared/store/notifications.ts';
import { countCreated } from '../../shared/store/stats.ts';

export default defineFunction({
  name: 'onTaskCreated',
  summary: 'Notifies the user of a new task and counts it in the statistics of its day.',
  trigger: { event: 'task.created' },

  async handler(event, { sql, now, commit }) {
    const notification = {
      id: randomUUID(),
      userId: event.user_id,
      taskId: event.task_id,
      kind: event.event_type,
      message: `New task: ${event.data.title}`,
    };
    await commit({
      statements: [
        insertNotification(sql, notification, now),
        countCreated(sql, event.user_id, new Date(event.timestamp)),
      ],
    });
  },
});
