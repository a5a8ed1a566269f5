import * as z from 'zod';
import { DomainError } from '../../shared/domain/errors.ts';
import { taskSchema } from '../../shared/domain/task.ts';
import { taskCompleted } from '../../shared/events/taskEvents.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { cancelReminders } from '../../shared/store/reminders.ts';
import { releaseSeries } from '../../shared/store/series.ts';
import { completeTask, selectTask, toTask } from '../../shared/store/tasks.ts';

export default defineFunction({
  name: 'completeTask',
  summary: 'Completes a task, cancels its reminders, and lets the next instance of its series be made.',
  trigger: { http: 'POST /tasks/:id/complete' },
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: taskSchema },
  emits: ['task.completed'],

  async handler({ userId, params }, { sql, now, commit }) {
    const [row] = await selectTask(sql, userId, params.id);
    if (!row) throw new DomainError('not_found', 'There is no such task.');
    const task = toTask(row);
    if (task.status === 'completed') return task;

    const results = await commit({
      statements: [
        completeTask(sql, task, userId, now),
        cancelReminders(sql, task.id, userId),
        ...(task.seriesId ? [releaseSeries(sql, task.seriesId, userId)] : []),
        selectTask(sql, userId, task.id),
      ],
      events: [taskCompleted(userId, task, now)],
    });
    return toTask(results.at(-1)?.[0]);
  },
});
