import * as z from 'zod';
import { taskSchema } from '../../shared/domain/task.ts';
import { deleted } from '../../shared/domain/taskChanges.ts';
import { taskDeleted } from '../../shared/events/taskEvents.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { releaseOrHoldSeries } from '../../shared/store/series.ts';
import { foundTask, selectTask, updateTask } from '../../shared/store/tasks.ts';

export default defineFunction({
  name: 'deleteTask',
  summary: 'Deletes a task, which can be restored for 30 days, and cancels its reminders.',
  trigger: { http: 'DELETE /tasks/:id' },
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: taskSchema, version: ({ version }) => version },
  emits: ['task.deleted'],

  async handler({ userId, params, requireMatch }, { sql, run, now, commit }) {
    const before = foundTask(await run(selectTask(sql, userId, params.id)));
    requireMatch(before.version);

    const task = deleted(before, now);
    await commit({
      statements: [...updateTask(sql, userId, task), ...releaseOrHoldSeries(sql, task, userId)],
      events: [taskDeleted(userId, task)],
      answer: task,
    });
    return task;
  },
});
