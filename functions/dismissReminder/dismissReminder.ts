import * as z from 'zod/mini';
import { taskSchema } from '../../shared/domain/task.ts';
import { changedFields, dismissed } from '../../shared/domain/taskChanges.ts';
import { taskUpdated } from '../../shared/events/taskEvents.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { foundTask, selectTask, updateTask } from '../../shared/store/tasks.ts';

export default defineFunction({
  name: 'dismissReminder',
  summary: 'Waves a reminder of an open task away: it does not remind, until the due time moves it.',
  trigger: { http: 'POST /tasks/:id/reminders/:reminderId/dismiss' },
  input: { params: z.object({ id: z.uuid(), reminderId: z.uuid() }) },
  output: { status: 200, body: taskSchema, version: ({ version }) => version },
  emits: ['task.updated'],

  async handler({ userId, params, requireMatch }, { sql, read, now, commit }) {
    const before = foundTask(await read(selectTask(sql, userId, params.id)));
    requireMatch(before.version);

    const task = dismissed(before, params.reminderId, now);
    if (changedFields(before, task).length === 0) return before;
    await commit({
      statements: updateTask(sql, userId, task),
      events: [taskUpdated(userId, before, task)],
      answer: task,
    });
    return task;
  },
});
