import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { triggerReminders } from '../../shared/runtime/dueWork.ts';
import { WAKE_UP } from '../../shared/runtime/wakeUp.ts';

export default defineFunction({
  name: 'reminderCron',
  summary: 'Turns reminders into events whose wake-up did not come, and records those that are too late or done with.',
  trigger: { cron: '* * * * *', binding: 'reminder-scheduler' },
  emits: ['reminder.due'],
  setsJobs: [WAKE_UP],

  async handler(context) {
    const totals = await triggerReminders(context);
    await context.wakeUp();
    return totals;
  },
});
