// Apart from the schemas of tasks, which most functions have no use for.

/** More than anybody works on; it bounds what one user can make others pay for. */
export const OPEN_TASKS_PER_USER = 10_000;

/** More receivers than anybody has; it bounds what one event can make the system send. */
export const WEBHOOKS_PER_USER = 10;
