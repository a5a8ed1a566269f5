import { REMINDER_GRACE_MS } from '../../shared/domain/reminder.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { toTriggered, triggerDueReminders } from '../../shared/store/reminders.ts';

/** Reminders claimed in one statement: a bulk request or a few, published well within their writer's lease. */
const BATCH = 500;
/** Batches of one tick: what is left after 20,000 reminders waits for the next. */
const BATCHES_PER_TICK = 40;

export default defineFunction({
  name: 'reminderCron',
  summary: 'Turns reminders that are due into events, and records those that are too late or whose task is done.',
  trigger: { cron: '* * * * *', binding: 'reminder-scheduler' },
  emits: ['reminder.due'],

  async handler({ sql, run, now, origin, relay }) {
    const totals = { claimed: 0, published: 0 };
    for (let batch = 0; batch < BATCHES_PER_TICK; batch += 1) {
      const options = { now, origin, graceMs: REMINDER_GRACE_MS, limit: BATCH };
      const rows = (await run(...triggerDueReminders(sql, options))).at(-1) ?? [];
      const { claimed, publishable } = toTriggered(rows);
      totals.claimed += claimed;
      totals.published += await relay(publishable);
      if (claimed < BATCH) break;
    }
    return totals;
  },
});
