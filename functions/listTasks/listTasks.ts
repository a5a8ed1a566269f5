import { taskSchema } from '../../shared/domain/task.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { decodeCursor, pageQuerySchema, pageSchema, toPage } from '../../shared/runtime/page.ts';
import { selectTasks, toTask } from '../../shared/store/tasks.ts';

export default defineFunction({
  name: 'listTasks',
  summary: 'Lists the tasks, newest first, a page at a time.',
  trigger: { http: 'GET /tasks' },
  input: { query: pageQuerySchema },
  output: { status: 200, body: pageSchema(taskSchema) },

  async handler({ userId, query }, { sql, run }) {
    const after = decodeCursor(query.cursor);
    const [rows = []] = await run(selectTasks(sql, userId, query.limit + 1, after));
    return toPage(rows.map(toTask), query.limit);
  },
});
