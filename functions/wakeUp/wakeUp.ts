import { eventTypes } from '../../shared/events/catalogue.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { bringUpDeliveries, publishLeftEvents, triggerReminders } from '../../shared/runtime/dueWork.ts';
import { WAKE_UP } from '../../shared/runtime/wakeUp.ts';

/** Where so much has come due at once, the next of it waits a little, in milliseconds, to be worked off with what follows. */
const MUCH = 5;
const APART_MS = 250;

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
    await context.wakeUp(reminders.claimed + deliveries.due < MUCH ? {} : { apartMs: APART_MS });
    return { reminders: reminders.claimed, deliveries: deliveries.due, events: events.published, late: reminders.late };
  },
});
