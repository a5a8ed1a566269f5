import { REMINDER_GRACE_MS } from '../domain/reminder.ts';
import { announceDeliveries } from '../store/deliveries.ts';
import { claimEvents, countUnpublished, type OutboxEvent, toBacklog, toOutboxEvent } from '../store/outbox.ts';
import { toTriggered, triggerDueReminders } from '../store/reminders.ts';
import type { Context } from './defineFunction.ts';

/** Rows claimed in one statement: events of a bulk request or a few, published well within their writer's lease. */
const BATCH = 500;
/** Batches at one go: what is left after 20,000 rows comes next time. */
const BATCHES = 40;

type DueContext = Pick<Context, 'sql' | 'read' | 'run' | 'now' | 'origin' | 'relay' | 'measure'>;

/** Turns reminders that are due into events, and publishes these. `late` is by how many seconds the oldest of them was. */
export async function triggerReminders({ sql, run, now, origin, relay }: DueContext) {
  const totals = { claimed: 0, published: 0, late: 0 };
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const options = { now, origin, graceMs: REMINDER_GRACE_MS, limit: BATCH };
    const rows = (await run(...triggerDueReminders(sql, options))).at(-1) ?? [];
    const { claimed, oldest, publishable } = toTriggered(rows);
    if (oldest) totals.late = Math.max(totals.late, (now.getTime() - oldest.getTime()) / 1000);
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

/** Publishes events whose function could not, in order per task. `depth` and `age` (in seconds) are of what is left. */
export async function publishLeftEvents({ sql, read, run, now, relay, measure }: DueContext) {
  const totals = { claimed: 0, published: 0 };
  const claim = async () => (await run(claimEvents(sql, now, BATCH))).flat().map(toOutboxEvent);
  let brokerAway = false;
  const publish = async (heads: OutboxEvent[]) => {
    const published = await relay(heads);
    totals.published += published;
    // With no event out of a whole batch, what is claimed already is tried, and put off as well: the next wake-up goes on.
    if (published === 0) brokerAway = true;
  };
  let next: Promise<OutboxEvent[]> | undefined = claim();
  let publishing = Promise.resolve();
  for (let batch = 1; next; batch += 1) {
    const heads: OutboxEvent[] = await next;
    totals.claimed += heads.length;
    // The database looks for the next ones, and records those before, while the broker takes these.
    next = heads.length === BATCH && batch < BATCHES && !brokerAway ? claim() : undefined;
    const before = publishing;
    publishing = publish(heads);
    for (const underWay of [next, publishing]) underWay?.catch(() => {});
    await before;
  }
  await publishing;
  const [backlogRows] = await read(countUnpublished(sql));
  const { depth, age } = toBacklog(backlogRows?.[0], now);
  measure('evolution_todo.outbox.depth', depth);
  measure('evolution_todo.outbox.age', age);
  return { ...totals, depth, age };
}
