/** Seconds, where the deployed system has minutes and hours: the story is not to wait for the full hour. */
export const schedules = {
  'reminder-scheduler': '*/4 * * * * *',
  'outbox-scheduler': '*/5 * * * * *',
  'recurring-scheduler': '*/6 * * * * *',
  'delivery-scheduler': '*/7 * * * * *',
};
