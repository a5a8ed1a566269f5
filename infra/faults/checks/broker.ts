import { catalogue, type EventType } from '../../../shared/events/catalogue.ts';
import type { Check, Evidence } from './check.ts';

interface WrittenEvent {
  event_id: string;
  event_type: EventType;
  task_id: string;
}

/** What is in the topics. */
export const brokerChecks: Check[] = [
  {
    promise: 'Events of a task are in the broker in the order in which they were written',
    async run(evidence) {
      const firsts = firstRanks(evidence);
      // A copy is published later than its event; where the event itself was not seen, its place is not known.
      if (!evidence.eventsAreComplete) for (const id of evidence.ledger.copiedEvents) firsts.delete(id);
      const last = new Map<string, { id: string; rank: number }>();
      const violations: string[] = [];
      for (const { event_id: id, task_id: taskId, event_type: type } of await writtenEvents(evidence)) {
        const rank = firsts.get(id);
        if (rank === undefined) continue;
        const before = last.get(taskId);
        if (before && before.rank > rank) violations.push(`task ${taskId}: ${type} ${id} is before ${before.id}`);
        last.set(taskId, { id, rank });
      }
      return { looked: firsts.size, violations };
    },
  },
  {
    promise: 'Every published event is in its topic',
    async run(evidence) {
      const places = new Map(evidence.events.map(({ id, topic }) => [id, topic]));
      const written = await writtenEvents(evidence);
      const missing = written.filter(({ event_id: id, event_type: type }) => {
        const place = places.get(id);
        return place === undefined ? evidence.eventsAreComplete : place !== catalogue[type].topic;
      });
      const violations = missing.map(
        ({ event_id: id, event_type: type }) => `${type} ${id}: ${places.get(id) ?? 'lost'}`,
      );
      return { looked: written.length, violations };
    },
  },
  {
    promise: 'Dead letters only where a poison event was planted, and each of them',
    async run({ ledger, deadLetters }) {
      const planted = new Set(ledger.poison.map(({ id }) => id));
      const unplanted = [...deadLetters].filter((id) => !planted.has(id)).map((id) => `nobody planted ${id}`);
      const missing = ledger.poison.filter(({ id, certain }) => certain && !deadLetters.has(id));
      return { looked: planted.size, violations: [...unplanted, ...missing.map(({ id }) => `poison ${id} is lost`)] };
    },
  },
];

/** The place of each event's first message. */
function firstRanks({ events }: Evidence): Map<string, number> {
  const firsts = new Map<string, number>();
  for (const { id, rank } of events) firsts.set(id, Math.min(rank, firsts.get(id) ?? rank));
  return firsts;
}

function writtenEvents({ sql }: Evidence): Promise<WrittenEvent[]> {
  return sql<WrittenEvent>(
    'select event_id, event_type, task_id from outbox where published_at is not null order by task_id, seq',
  );
}
