import * as z from 'zod/mini';
import { taskSchema } from '../../shared/domain/task.ts';
import { deleted } from '../../shared/domain/taskChanges.ts';
import { taskDeleted } from '../../shared/events/taskEvents.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { goOn } from '../../shared/store/instances.ts';
import { selectSeriesToCount } from '../../shared/store/series.ts';
import { foundTask, selectTask, updateTask } from '../../shared/store/tasks.ts';

export default defineFunction({
  name: 'deleteTask',
  summary: 'Deletes a task, which can be restored for 30 days, and cancels its reminders.',
  trigger: { http: 'DELETE /tasks/:id' },
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: taskSchema, version: ({ version }) => version },
  emits: ['task.deleted'],

  async handler({ userId, params, requireMatch }, { sql, read, now, commit }) {
    const [tasks = [], [series] = []] = await read(
      selectTask(sql, userId, params.id),
      selectSeriesToCount(sql, userId, params.id),
    );
    const before = foundTask([tasks]);
    requireMatch(before.version);

    const task = deleted(before, now);
    // What is open counts as done; what was done before has been counted.
    const counted = before.status === 'open' ? series : undefined;
    await commit({
      statements: [...updateTask(sql, userId, task), ...(await goOn(sql, userId, task, counted, now))],
      events: [taskDeleted(userId, task)],
      answer: task,
    });
    return task;
  },
});
