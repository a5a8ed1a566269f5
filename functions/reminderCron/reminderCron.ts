import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { triggerReminders } from '../../shared/runtime/dueWork.ts';

export default defineFunction({
  name: 'reminderCron',
  summary: 'Turns reminders into events whose wake-up did not come, and records those that are too late or done with.',
  trigger: { cron: '0 * * * *', withoutJobs: '* * * * *', binding: 'reminder-scheduler' },
  emits: ['reminder.due'],

  async handler(context) {
    const totals = await triggerReminders(context);
    await context.wakeUp();
    return totals;
  },
});
