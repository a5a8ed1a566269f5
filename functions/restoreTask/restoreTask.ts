import * as z from 'zod/mini';
import { taskSchema } from '../../shared/domain/task.ts';
import { restored } from '../../shared/domain/taskChanges.ts';
import { taskUpdated } from '../../shared/events/taskEvents.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { scheduleNextOf } from '../../shared/store/series.ts';
import { foundTask, requireRoom, selectTaskOrDeleted, updateTask } from '../../shared/store/tasks.ts';
import { foundTimeZone, holdTimeZone, selectTimeZone } from '../../shared/store/timeZone.ts';

export default defineFunction({
  name: 'restoreTask',
  summary: 'Takes back the deletion of a task, until it is purged after 30 days.',
  trigger: { http: 'POST /tasks/:id/restore' },
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: taskSchema, version: ({ version }) => version },
  emits: ['task.updated'],

  async handler({ userId, params, requireMatch }, { sql, read, now, commit }) {
    const [tasks = [], zone] = await read(selectTaskOrDeleted(sql, userId, params.id), selectTimeZone(sql, userId));
    const before = foundTask([tasks]);
    requireMatch(before.version);
    if (before.deletedAt === null) return before;

    const task = restored(before, foundTimeZone(zone), now);
    await commit({
      statements: [
        ...(task.status === 'open' ? [requireRoom(sql, userId), ...holdTimeZone(sql, userId, task.due)] : []),
        ...updateTask(sql, userId, task),
        ...scheduleNextOf(sql, userId, task),
      ],
      events: [taskUpdated(userId, before, task)],
      answer: task,
    });
    return task;
  },
});
