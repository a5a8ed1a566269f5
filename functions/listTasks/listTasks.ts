import * as z from 'zod/mini';
import { TITLE_LENGTH, taskSchema } from '../../shared/domain/task.ts';
import { type TaskSort, taskListSchema } from '../../shared/domain/taskList.ts';
import { storable } from '../../shared/domain/text.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { cursorInstant, decodeCursor, pageQuerySchema, pageSchema, toPage } from '../../shared/runtime/page.ts';
import { selectTaskList } from '../../shared/store/taskList.ts';
import { toTask } from '../../shared/store/tasks.ts';

/** What a cursor can hold of the last task of its page, for each sort. */
const sortKeys = {
  created: z.null(),
  due: z.union([cursorInstant, z.enum(['infinity', '-infinity'])]),
  updated: cursorInstant,
  priority: z.int().check(z.minimum(1), z.maximum(3)),
  // A capital letter can have two for its small one.
  title: storable(z.string().check(z.maxLength(2 * TITLE_LENGTH))),
} as const satisfies Record<TaskSort, z.core.$ZodType>;

export default defineFunction({
  name: 'listTasks',
  summary: 'Lists the tasks that fit every filter, sorted, a page at a time.',
  trigger: { http: 'GET /tasks' },
  input: { query: z.extend(pageQuerySchema, taskListSchema.shape) },
  output: { status: 200, body: pageSchema(taskSchema) },

  async handler({ userId, query }, { sql, read, now }) {
    const after = decodeCursor(query, z.tuple([sortKeys[query.sort], cursorInstant, z.uuid()]));
    const [rows = []] = await read(selectTaskList(sql, userId, query, { limit: query.limit + 1, after, now }));
    return toPage(rows, query, toTask);
  },
});
