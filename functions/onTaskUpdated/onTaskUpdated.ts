import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { countChange } from '../../shared/store/stats.ts';

export default defineFunction({
  name: 'onTaskUpdated',
  summary: 'Moves a task in the statistics; what users change themselves needs no notification.',
  trigger: { event: 'task.updated' },

  handler: (event, { sql, commit }) =>
    commit({ statements: [countChange(sql, event.user_id, event.data.previous, event.data)] }),
});
