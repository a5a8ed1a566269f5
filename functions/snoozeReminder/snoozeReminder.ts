import * as z from 'zod/mini';
import { snoozeSchema } from '../../shared/domain/reminder.ts';
import { taskSchema } from '../../shared/domain/task.ts';
import { snoozed } from '../../shared/domain/taskChanges.ts';
import { taskUpdated } from '../../shared/events/taskEvents.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { foundTask, selectTask, updateTask } from '../../shared/store/tasks.ts';

export default defineFunction({
  name: 'snoozeReminder',
  summary: 'Puts a reminder of an open task off: it reminds again, at an instant or so long from now.',
  trigger: { http: 'POST /tasks/:id/reminders/:reminderId/snooze' },
  input: { params: z.object({ id: z.uuid(), reminderId: z.uuid() }), body: snoozeSchema },
  output: { status: 200, body: taskSchema, version: ({ version }) => version },
  emits: ['task.updated'],

  async handler({ userId, params, body, requireMatch }, { sql, read, now, commit }) {
    const before = foundTask(await read(selectTask(sql, userId, params.id)));
    requireMatch(before.version);

    const task = snoozed(before, params.reminderId, body, now);
    await commit({
      statements: updateTask(sql, userId, task),
      events: [taskUpdated(userId, before, task)],
      answer: task,
    });
    return task;
  },
});
