import { commitWithNext } from '../../shared/runtime/commitWithNext.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { countChange } from '../../shared/store/stats.ts';

export default defineFunction({
  name: 'onTaskCompleted',
  summary: 'Counts a task as completed, and makes the next instance of its series where its time has come.',
  trigger: { event: 'task.completed' },
  emits: ['task.created', 'recurring.trigger'],

  handler: (event, context) => {
    const undone = { ...event.data, completed_at: null };
    return commitWithNext(event, [countChange(context.sql, event.user_id, undone, event.data)], context);
  },
});
