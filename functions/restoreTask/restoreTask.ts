import * as z from 'zod';
import { taskSchema } from '../../shared/domain/task.ts';
import { restored } from '../../shared/domain/taskChanges.ts';
import { taskUpdated } from '../../shared/events/taskEvents.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { scheduleNextOf } from '../../shared/store/series.ts';
import { foundTask, requireRoom, selectTaskOrDeleted, updateTask } from '../../shared/store/tasks.ts';

export default defineFunction({
  name: 'restoreTask',
  summary: 'Takes back the deletion of a task, until it is purged after 30 days.',
  trigger: { http: 'POST /tasks/:id/restore' },
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: taskSchema, version: ({ version }) => version },
  emits: ['task.updated'],

  async handler({ userId, params, requireMatch }, { sql, run, now, commit }) {
    const before = foundTask(await run(selectTaskOrDeleted(sql, userId, params.id)));
    requireMatch(before.version);
    if (before.deletedAt === null) return before;

    const task = restored(before, now);
    await commit({
      statements: [
        ...(task.status === 'open' ? [requireRoom(sql, userId)] : []),
        ...updateTask(sql, userId, task),
        ...scheduleNextOf(sql, userId, task),
      ],
      events: [taskUpdated(userId, before, task)],
      answer: task,
    });
    return task;
  },
});
