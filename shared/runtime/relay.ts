import { toCloudEvent } from '../events/event.ts';
import type { Publish } from '../events/publisher.ts';
import type { Sql } from '../store/database.ts';
import { claimEvents, markPublished, type OutboxEvent, toOutboxEvent } from '../store/outbox.ts';
import { mapConcurrently } from './concurrency.ts';
import type { Log } from './log.ts';

/** Publishes under way at once: enough to hide the broker's latency, few enough not to flood a sidecar. */
const CONCURRENCY = 16;

/** Publishes what is in the outbox, and records it; what fails stays there. */
export interface Relay {
  /** Publishes these events, and what of their tasks waits behind them. Resolves to how many were published. */
  publish(events: readonly OutboxEvent[]): Promise<number>;
  /** Publishes what of these tasks nobody is at work on. */
  follow(taskIds: readonly string[]): Promise<number>;
}

/**
 * A relay that keeps order per task: events of one task go one after the other, and one that fails holds up those
 * behind it. Whatever else of the same tasks was written meanwhile, and left alone because of these, follows.
 */
export function createRelay({ sql, publish, clock, log }: RelayOptions): Relay {
  /** Publishes one task's events up to the first that fails; returns how many that were. */
  const publishInOrder = async (events: readonly OutboxEvent[]): Promise<number> => {
    for (const [index, { event, source }] of events.entries()) {
      try {
        await publish(toCloudEvent(event, source));
      } catch (error) {
        const { event_id, event_type } = event;
        log('warn', { outcome: 'unpublished', event: event_id, type: event_type, error });
        return index;
      }
    }
    return events.length;
  };

  const publishAll = async (events: readonly OutboxEvent[]): Promise<number> => {
    let total = 0;
    let tasks = byTask(events);
    while (tasks.length > 0) {
      const counts = await mapConcurrently(tasks, CONCURRENCY, publishInOrder);
      const published = tasks.flatMap((task, index) => task.slice(0, counts[index]));
      const finished = tasks.filter((task, index) => counts[index] === task.length);
      if (published.length === 0) break;
      total += published.length;
      const [, next] = await sql.transaction([
        markPublished(
          sql,
          published.map(({ seq }) => seq),
          clock(),
        ),
        claimEvents(
          sql,
          clock(),
          finished.length,
          finished.map(([first]) => first.event.task_id),
        ),
      ]);
      tasks = byTask((next ?? []).map(toOutboxEvent));
    }
    return total;
  };

  return {
    publish: publishAll,
    async follow(taskIds) {
      const heads = await claimEvents(sql, clock(), taskIds.length, taskIds);
      return publishAll(heads.map(toOutboxEvent));
    },
  };
}

export interface RelayOptions {
  sql: Sql;
  publish: Publish;
  clock: () => Date;
  log: Log;
}

type Events = [OutboxEvent, ...OutboxEvent[]];

function byTask(events: readonly OutboxEvent[]): Events[] {
  const tasks = new Map<string, Events>();
  for (const item of events) {
    const task = tasks.get(item.event.task_id);
    if (task) task.push(item);
    else tasks.set(item.event.task_id, [item]);
  }
  return [...tasks.values()];
}
