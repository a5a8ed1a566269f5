import * as z from 'zod/mini';
import { taskSchema } from '../../shared/domain/task.ts';
import { completed } from '../../shared/domain/taskChanges.ts';
import { taskCompleted } from '../../shared/events/taskEvents.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { goOn } from '../../shared/store/instances.ts';
import { selectSeriesToCount } from '../../shared/store/series.ts';
import { foundTask, selectTask, updateTask } from '../../shared/store/tasks.ts';

export default defineFunction({
  name: 'completeTask',
  summary: 'Completes a task, cancels its reminders, and lets the next instance of its series be made.',
  trigger: { http: 'POST /tasks/:id/complete' },
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: taskSchema, version: ({ version }) => version },
  emits: ['task.completed'],

  async handler({ userId, params, requireMatch }, { sql, read, now, commit }) {
    const [tasks = [], [series] = []] = await read(
      selectTask(sql, userId, params.id),
      selectSeriesToCount(sql, userId, params.id),
    );
    const before = foundTask([tasks]);
    requireMatch(before.version);
    if (before.status === 'completed') return before;

    const task = completed(before, now);
    await commit({
      statements: [...updateTask(sql, userId, task), ...(await goOn(sql, userId, task, series, now))],
      events: [taskCompleted(userId, task)],
      answer: task,
    });
    return task;
  },
});
