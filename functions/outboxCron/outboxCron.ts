import { RESTORABLE_MS } from '../../shared/domain/taskChanges.ts';
import { eventTypes } from '../../shared/events/catalogue.ts';
import { defineFunction } from '../../shared/runtime/defineFunction.ts';
import { publishLeftEvents } from '../../shared/runtime/dueWork.ts';
import { purge } from '../../shared/runtime/purge.ts';
import { purgeEventFailures } from '../../shared/store/eventFailures.ts';
import { purgeAnswers } from '../../shared/store/idempotencyKeys.ts';
import { purgeInbox } from '../../shared/store/inbox.ts';
import { purgePublished } from '../../shared/store/outbox.ts';
import { purgeDeletedTasks } from '../../shared/store/tasks.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Published events are kept for a week, to answer what was sent and when. */
const OUTBOX_RETENTION_MS = 7 * DAY_MS;
/** Longer than a broker keeps events (a week by default) and an operator takes to replay dead letters. */
const INBOX_RETENTION_MS = 30 * DAY_MS;

export default defineFunction({
  name: 'outboxCron',
  summary: 'Publishes events whose function could not, in order per task, and removes what is kept no longer.',
  trigger: { cron: '0 * * * *', withoutJobs: '* * * * *', binding: 'outbox-scheduler' },
  emits: eventTypes,

  async handler(context) {
    const totals = await publishLeftEvents(context);
    const { sql, now } = context;
    const before = (retention: number) => new Date(now.getTime() - retention);
    const purged = await purge(context, (limit) => [
      purgePublished(sql, before(OUTBOX_RETENTION_MS), limit),
      purgeInbox(sql, before(INBOX_RETENTION_MS), limit),
      purgeEventFailures(sql, before(INBOX_RETENTION_MS), limit),
      purgeAnswers(sql, now, limit),
      ...purgeDeletedTasks(sql, before(RESTORABLE_MS), limit),
    ]);
    return { ...totals, purged };
  },
});
