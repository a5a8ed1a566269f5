import * as z from 'zod/mini';
import { taskSchema } from '../../shared/domain/task.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { foundTask, selectTask } from '../../shared/store/tasks.ts';

export default defineFunction({
  name: 'getTask',
  summary: 'Reads one task.',
  trigger: { http: 'GET /tasks/:id' },
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: taskSchema, version: ({ version }) => version },

  handler: async ({ userId, params }, { sql, read }) => foundTask(await read(selectTask(sql, userId, params.id))),
});
