/** What one user does, and what follows from it, in calls of functions per day. Ours are assumptions: set your own. */
export interface Workload {
  /** Times a day that somebody opens a client, which then asks for a minute or so. */
  sessions: number;
  sessionSeconds: number;
  /** Times a day that something comes due by itself, between sessions: reminders and further tries of webhooks. */
  wakes: number;
  /** Calls of each function per day. */
  calls: Readonly<Record<string, number>>;
}

/** Five writes, eight reads, two reminders and a webhook per user and day. */
export const workload: Workload = {
  sessions: 4,
  sessionSeconds: 60,
  wakes: 2,
  calls: {
    listTasks: 4,
    listNotifications: 4,
    createTask: 2,
    updateTask: 1,
    completeTask: 2,
    onTaskCreated: 2,
    onTaskUpdated: 1,
    onTaskCompleted: 2,
    wakeUp: 2,
    onReminderDue: 2,
    onDeliveryDue: 1,
  },
};

/** What functions and database take, and what it costs. */
export interface Rates {
  /** Seconds from a call to the end of the process that it woke, where no other call follows. */
  processSeconds: number;
  /** Memory of a function that waits, in GB. */
  processGb: number;
  /** Processor seconds of a call, and to what part a process is used before there is a second one. */
  callSeconds: number;
  utilisation: number;
  /** Transactions of one call, and how many of them a compute unit runs in a second. */
  transactionsPerCall: number;
  transactionsPerCu: number;
  /** Seconds until Neon suspends a compute that nobody asks for anything, and its size while it is awake. */
  suspendSeconds: number;
  leastCu: number;
  /** US dollars for a compute unit and an hour. */
  cuHourPrice: number;
}

export const rates: Rates = {
  // The window of scale to zero in knative/, half a minute, and the start.
  processSeconds: 31,
  // Measured on Node 24, which images have: infra/bench/README.md.
  processGb: 0.063,
  callSeconds: 0.01,
  utilisation: 0.5,
  transactionsPerCall: 2,
  // What createTask's transaction alone reached on two busy cores, eight at once: infra/bench/README.md.
  transactionsPerCu: 250,
  suspendSeconds: 300,
  leastCu: 0.25,
  // Neon's Launch plan, as its page of 2026-11-12 has it: https://neon.com/docs/introduction/plans
  cuHourPrice: 0.106,
};
