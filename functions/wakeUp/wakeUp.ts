import { eventTypes } from '../../shared/events/catalogue.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { bringUpDeliveries, publishLeftEvents, triggerReminders } from '../../shared/runtime/dueWork.ts';
import { WAKE_UP } from '../../shared/runtime/wakeUp.ts';

export default defineFunction({
  name: 'wakeUp',
  summary:
    'Works off what has come due (reminders, deliveries, events that could not go out), and sets the next wake-up.',
  trigger: { job: WAKE_UP },
  emits: eventTypes,

  async handler(_, context) {
    const reminders = await triggerReminders(context);
    const deliveries = await bringUpDeliveries(context);
    const events = await publishLeftEvents(context);
    await context.wakeUp();
    return { reminders: reminders.claimed, deliveries: deliveries.due, events: events.published, late: reminders.late };
  },
});
