import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { bringUpDeliveries, triggerReminders } from '../../shared/runtime/dueWork.ts';
import { WAKE_UP } from '../../shared/runtime/wakeUp.ts';

export default defineFunction({
  name: 'wakeUp',
  summary: 'Works off what has come due, reminders and further tries of deliveries, and sets the next wake-up.',
  trigger: { job: WAKE_UP },
  emits: ['reminder.due', 'delivery.due'],
  setsJobs: [WAKE_UP],

  async handler(_, context) {
    const reminders = await triggerReminders(context);
    const deliveries = await bringUpDeliveries(context);
    await context.wakeUp();
    return { reminders: reminders.claimed, deliveries: deliveries.due };
  },
});
