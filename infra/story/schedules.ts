/**
 * Seconds, where the deployed system has minutes and hours: the story is not to wait for the full hour. Reminders have
 * their job; their cron comes more seldom than they may be late.
 */
export const schedules = {
  'reminder-scheduler': '*/15 * * * * *',
  'outbox-scheduler': '*/5 * * * * *',
  'recurring-scheduler': '*/6 * * * * *',
  'delivery-scheduler': '*/7 * * * * *',
};
