/** Each minute, where the deployed system may come more seldom: the tests are not to wait for the full hour. */
export const schedules = {
  'reminder-scheduler': '* * * * *',
  'outbox-scheduler': '* * * * *',
  'delivery-scheduler': '* * * * *',
};
