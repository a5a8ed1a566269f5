import { RESTORABLE_MS } from '../../shared/domain/taskChanges.ts';
import { eventTypes } from '../../shared/events/catalogue.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { purgeEventFailures } from '../../shared/store/eventFailures.ts';
import { purgeAnswers } from '../../shared/store/idempotencyKeys.ts';
import { purgeInbox } from '../../shared/store/inbox.ts';
import { claimEvents, countUnpublished, purgePublished, toBacklog, toOutboxEvent } from '../../shared/store/outbox.ts';
import { purgeDeletedTasks } from '../../shared/store/tasks.ts';

/** Events claimed at once: a bulk request or a few, published well within a relay's lease. */
const BATCH = 500;
/** Batches of one tick: what is left after 20,000 events, and what follows them, waits for the next. */
const BATCHES_PER_TICK = 40;
/** Rows removed in one tick, of each table: as fast as a busy day writes them, in a statement of milliseconds. */
const PURGE = 10_000;

const DAY_MS = 24 * 60 * 60 * 1000;
/** Published events are kept for a week, to answer what was sent and when. */
const OUTBOX_RETENTION_MS = 7 * DAY_MS;
/** Longer than a broker keeps events (a week by default) and an operator takes to replay dead letters. */
const INBOX_RETENTION_MS = 30 * DAY_MS;

export default defineFunction({
  name: 'outboxCron',
  summary: 'Publishes events whose function could not, in order per task, and removes what is kept no longer.',
  trigger: { cron: '* * * * *', binding: 'outbox-scheduler' },
  emits: eventTypes,

  async handler({ sql, run, now, relay, measure }) {
    const totals = { claimed: 0, published: 0 };
    for (let batch = 0; batch < BATCHES_PER_TICK; batch += 1) {
      const [rows = []] = await run(claimEvents(sql, now, BATCH));
      const heads = rows.map(toOutboxEvent);
      const published = await relay(heads);
      totals.claimed += heads.length;
      totals.published += published;
      // With no event out of a whole batch, the broker is away: the next tick tries again.
      if (heads.length < BATCH || published === 0) break;
    }
    const [backlogRows] = await run(
      countUnpublished(sql),
      purgePublished(sql, new Date(now.getTime() - OUTBOX_RETENTION_MS), PURGE),
      purgeInbox(sql, new Date(now.getTime() - INBOX_RETENTION_MS), PURGE),
      purgeEventFailures(sql, new Date(now.getTime() - INBOX_RETENTION_MS), PURGE),
      purgeAnswers(sql, now, PURGE),
      ...purgeDeletedTasks(sql, new Date(now.getTime() - RESTORABLE_MS), PURGE),
    );
    const { depth, age } = toBacklog(backlogRows?.[0], now);
    measure('evolution_todo.outbox.depth', depth);
    measure('evolution_todo.outbox.age', age);
    return { ...totals, depth, age };
  },
});
