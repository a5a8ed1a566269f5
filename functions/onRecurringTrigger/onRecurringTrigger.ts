import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { insertNotification } from '../../shared/store/notifications.ts';

export default defineFunction({
  name: 'onRecurringTrigger',
  summary: 'Tells the user that a recurring task has come round again, and how many occurrences were passed over.',
  trigger: { event: 'recurring.trigger' },

  async handler(event, { sql, now, commit }) {
    const { title, occurrence, passed_over } = event.data;
    const passedOver = passed_over > 0 ? ` (${passed_over} passed over)` : '';
    const message = `Recurring: ${title}, ${occurrence.replace('T', ' ')}${passedOver}`;
    await commit({ statements: [insertNotification(sql, event, message, now)] });
  },
});
