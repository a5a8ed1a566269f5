import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { countChange } from '../../shared/store/stats.ts';

export default defineFunction({
  name: 'onTaskCompleted',
  summary: 'Counts a task as completed; what users complete themselves needs no notification.',
  trigger: { event: 'task.completed' },

  handler: (event, { sql, commit }) =>
    commit({ statements: [countChange(sql, event.user_id, { ...event.data, completed_at: null }, event.data)] }),
});
