import { randomUUID } from 'node:crypto';
import { DomainError } from '../../shared/domain/errors.ts';
import { dueOf } from '../../shared/domain/recurrence.ts';
import { REMINDER_GRACE_MS } from '../../shared/domain/reminder.ts';
import { advanceTo } from '../../shared/domain/series.ts';
import { planTask } from '../../shared/domain/taskChanges.ts';
import { recurringTrigger, taskCreated } from '../../shared/events/taskEvents.ts';
import { mapConcurrently } from '../../shared/runtime/concurrency.ts';
import { type Context, defineFunction } from '../../shared/runtime/defineFunction.ts';
import { advanceSeries, type Series, selectSeriesToCreate, toSeries } from '../../shared/store/series.ts';
import { insertTask } from '../../shared/store/tasks.ts';

/** Series read at once, and how many of them are worked on at once: each is one round trip to Postgres. */
const BATCH = 200;
const CONCURRENCY = 8;

export default defineFunction({
  name: 'recurringCron',
  summary: 'Makes the next instance of every series whose turn it is.',
  trigger: { cron: '0 * * * *', binding: 'recurring-scheduler' },
  emits: ['task.created', 'recurring.trigger'],

  async handler(context) {
    const totals = { created: 0, failed: 0 };
    let last: string | null = null;
    do {
      const [rows = []] = await context.run(selectSeriesToCreate(context.sql, context.now, BATCH, last));
      const batch = rows.map(toSeries);
      const outcomes = await mapConcurrently(batch, CONCURRENCY, (series) => createInstance(series, context));
      totals.created += outcomes.filter((outcome) => outcome === 'created').length;
      totals.failed += outcomes.filter((outcome) => outcome === 'failed').length;
      last = batch.length === BATCH ? (batch.at(-1)?.id ?? null) : null;
    } while (last);
    return totals;
  },
});

async function createInstance(series: Series, { sql, now, commit, log }: Context) {
  try {
    const { slot, next, passedOver } = await advanceTo(series.calendar, series.next, now);
    const task = planTask(series.template, {
      newId: randomUUID,
      now,
      due: dueOf(slot, series.calendar.timeZone),
      occurrence: { seriesId: series.id, local: slot.local },
      remindFrom: new Date(now.getTime() - REMINDER_GRACE_MS),
    });
    await commit({
      statements: [advanceSeries(sql, series, { next, passedOver }), ...insertTask(sql, series.userId, task)],
      events: [taskCreated(series.userId, task), recurringTrigger(series.userId, task, { ...slot, passedOver })],
    });
    return 'created';
  } catch (error) {
    // Another cron was faster: the instance exists.
    if (error instanceof DomainError && error.code === 'conflict') return 'taken';
    // One broken series must not keep the others from their instances.
    log('error', { outcome: 'series-failed', series: series.id, error });
    return 'failed';
  }
}
