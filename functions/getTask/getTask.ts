import * as z from 'zod';
import { DomainError } from '../../shared/domain/errors.ts';
import { taskSchema } from '../../shared/domain/task.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { selectTask, toTask } from '../../shared/store/tasks.ts';

export default defineFunction({
  name: 'getTask',
  summary: 'Reads one task.',
  trigger: { http: 'GET /tasks/:id' },
  input: { params: z.object({ id: z.uuid() }) },
  output: { status: 200, body: taskSchema },

  async handler({ userId, params }, { sql }) {
    const [row] = await selectTask(sql, userId, params.id);
    if (!row) throw new DomainError('not_found', 'There is no such task.');
    return toTask(row);
  },
});
