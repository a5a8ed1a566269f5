import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { notify } from '../../shared/store/notifications.ts';

export default defineFunction({
  name: 'onRecurringTrigger',
  summary: 'Tells the user that a recurring task has come round again, and how many occurrences were passed over.',
  trigger: { event: 'recurring.trigger' },
  emits: ['delivery.due'],

  async handler(event, { sql, now, origin, commit }) {
    const { title, occurrence, passed_over } = event.data;
    const passedOver = passed_over > 0 ? ` (${passed_over} passed over)` : '';
    const message = `Recurring: ${title}, ${occurrence.replace('T', ' ')}${passedOver}`;
    await commit({ statements: [], emitting: [notify(sql, event, { message, now, origin })] });
  },
});
