import { randomUUID } from 'node:crypto';
import * as z from 'zod/mini';
import { taskPatchSchema, taskSchema } from '../../shared/domain/task.ts';
import { changedFields, patched } from '../../shared/domain/taskChanges.ts';
import { taskUpdated } from '../../shared/events/taskEvents.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { requireRoomToFloat } from '../../shared/store/floating.ts';
import { foundTask, selectTask, updateTask } from '../../shared/store/tasks.ts';
import { foundTimeZone, holdTimeZone, selectTimeZone } from '../../shared/store/timeZone.ts';

export default defineFunction({
  name: 'updateTask',
  summary: 'Changes a task by a merge patch; when its due time moves, its reminders move along.',
  trigger: { http: 'PATCH /tasks/:id' },
  input: { params: z.object({ id: z.uuid() }), body: taskPatchSchema },
  output: { status: 200, body: taskSchema, version: ({ version }) => version },
  emits: ['task.updated'],

  async handler({ userId, params, body, requireMatch }, { sql, read, now, commit }) {
    const [tasks = [], zone] = await read(selectTask(sql, userId, params.id), selectTimeZone(sql, userId));
    const before = foundTask([tasks]);
    requireMatch(before.version);

    const task = patched(before, body, { newId: randomUUID, now, userZone: foundTimeZone(zone) });
    if (changedFields(before, task).length === 0) return before;
    await commit({
      statements: [
        ...(before.due?.floating ? [] : requireRoomToFloat(sql, userId, task)),
        ...(task.status === 'open' ? holdTimeZone(sql, userId, task.due) : []),
        ...updateTask(sql, userId, task),
      ],
      events: [taskUpdated(userId, before, task)],
      answer: task,
    });
    return task;
  },
});
