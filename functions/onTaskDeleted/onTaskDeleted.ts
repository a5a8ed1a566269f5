import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { countChange } from '../../shared/store/stats.ts';

export default defineFunction({
  name: 'onTaskDeleted',
  summary: 'Takes a task out of the statistics; what users delete themselves needs no notification.',
  trigger: { event: 'task.deleted' },

  handler: (event, { sql, commit }) => commit({ statements: [countChange(sql, event.user_id, event.data, null)] }),
});
