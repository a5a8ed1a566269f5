import { REMINDER_GRACE_MS } from '../domain/reminder.ts';
import { announceDeliveries } from '../store/deliveries.ts';
import { toOutboxEvent } from '../store/outbox.ts';
import { toTriggered, triggerDueReminders } from '../store/reminders.ts';
import type { Context } from './defineFunction.ts';

/** Rows claimed in one statement: events of a bulk request or a few, published well within their writer's lease. */
const BATCH = 500;
/** Batches at one go: what is left after 20,000 rows comes next time. */
const BATCHES = 40;

type DueContext = Pick<Context, 'sql' | 'run' | 'now' | 'origin' | 'relay'>;

/** Turns reminders that are due into events, and publishes these. */
export async function triggerReminders({ sql, run, now, origin, relay }: DueContext) {
  const totals = { claimed: 0, published: 0 };
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const options = { now, origin, graceMs: REMINDER_GRACE_MS, limit: BATCH };
    const rows = (await run(...triggerDueReminders(sql, options))).at(-1) ?? [];
    const { claimed, publishable } = toTriggered(rows);
    totals.claimed += claimed;
    totals.published += await relay(publishable);
    if (claimed < BATCH) break;
  }
  return totals;
}

/** Writes events of deliveries that are due, and publishes these. */
export async function bringUpDeliveries({ sql, run, now, origin, relay }: DueContext) {
  const totals = { due: 0, published: 0 };
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const [rows = []] = await run(announceDeliveries(sql, { now, limit: BATCH, origin }));
    totals.due += rows.length;
    totals.published += await relay(rows.map(toOutboxEvent));
    if (rows.length < BATCH) break;
  }
  return totals;
}
