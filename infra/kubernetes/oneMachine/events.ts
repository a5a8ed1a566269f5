import { setTimeout as sleep } from 'node:timers/promises';
import { expect, vi } from 'vitest';
import { allTopics, catalogue } from '../../../shared/events/catalogue.ts';
import { toCloudEvent } from '../../../shared/events/event.ts';
import type { RunSql } from '../../faults/target.ts';
import { readTopics } from '../../real/kafka/messages.ts';
import type { WorldWith } from '../../story/world.ts';
import { createdEvent } from '../../testing/createdEvent.ts';

/** Between events: slow enough for functions to keep up, fast enough for some to be under way at any time. */
const PAUSE_MS = 30;
/** As long as an event is retried before it is given up, and then some. */
const RETRIED = { timeout: 240_000, interval: 1_000 };

/** Publishes events of new tasks, past the functions and the gateway in front of them, and resolves to the tasks' ids. */
export async function publishEvents(world: WorldWith<'publish'>, count: number): Promise<string[]> {
  const events = Array.from({ length: count }, () => createdEvent('events', 'Published'));
  for (const event of events) {
    const { topic } = catalogue[event.event_type];
    const envelope = toCloudEvent(event, { source: '/evolution-todo/test' });
    // The way to the sidecar may be just breaking, behind one that was replaced. Twice published is as good as once.
    await vi.waitFor(() => world.publish(topic, envelope, event.task_id), RETRIED);
    await sleep(PAUSE_MS);
  }
  return events.map(({ task_id: id }) => id);
}

/** Waits until each of these tasks has its notification of this kind, once. */
export async function untilNotified(sql: RunSql, taskIds: readonly string[], kind = 'task.created'): Promise<void> {
  await vi.waitFor(async () => {
    const rows = await sql<{ task_id: string }>(
      `select task_id from notifications
       where kind = $2 and task_id in (select jsonb_array_elements_text($1::jsonb)::uuid)`,
      [taskIds, kind],
    );
    expect(rows.map(({ task_id: id }) => id).sort()).toEqual([...taskIds].sort());
  }, RETRIED);
}

/** Where in the dead-letter topics there is something. */
export async function deadLetterPlaces(brokers: string): Promise<string[]> {
  const topics = allTopics().filter((topic) => topic.endsWith('.dead'));
  const messages = await readTopics(brokers, topics);
  return messages.map(({ topic, partition, offset }) => `${topic}/${partition}/${offset}`).sort();
}
