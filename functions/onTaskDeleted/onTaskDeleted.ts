import { commitWithNext } from '../../shared/runtime/commitWithNext.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { countChange } from '../../shared/store/stats.ts';

export default defineFunction({
  name: 'onTaskDeleted',
  summary: 'Takes a task out of the statistics, and makes the next instance of its series where its time has come.',
  trigger: { event: 'task.deleted' },
  emits: ['task.created', 'recurring.trigger'],

  handler: (event, context) =>
    commitWithNext(event, [countChange(context.sql, event.user_id, event.data, null)], context),
});
