/** Seconds, where the deployed system has minutes and hours: a run is to see many ticks. */
export const schedules = {
  'outbox-scheduler': '@every 2s',
  'reminder-scheduler': '@every 2s',
  'recurring-scheduler': '@every 3s',
  'delivery-scheduler': '@every 3s',
};
