// Apart from the schemas of tasks, which most functions have no use for.

/** More than anybody works on; it bounds what one user can make others pay for. */
export const OPEN_TASKS_PER_USER = 10_000;
/** Open tasks due at floating times, which all move at once when their user goes to another zone. */
export const FLOATING_TASKS_PER_USER = 1_000;
/** Series of one user that have not ended: each is work for a cron, for as long as it goes on. */
export const SERIES_PER_USER = 1_000;
/** One for each device and person that reads along, and some to spare. */
export const ADDRESSES_PER_USER = 10;
/** More receivers than anybody has; it bounds what one event can make the system send. */
export const WEBHOOKS_PER_USER = 10;
