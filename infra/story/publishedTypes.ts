import * as z from 'zod';
import { catalogue, eventTypes } from '../../shared/events/catalogue.ts';
import { readTopics } from '../real/kafka/messages.ts';
import type { Capabilities } from './world.ts';

const envelope = z.object({ id: z.string(), type: z.string() });
const eventTopics = eventTypes.map((type) => catalogue[type].topic);

/** Reads from Kafka what it took of a task. A copy, of an event whose first publishing got no answer, is no other event. */
export function publishedIn(brokers: string): Capabilities['publishedTypes'] {
  return async (taskId) => {
    const messages = (await readTopics(brokers, eventTopics)).filter(({ key }) => key === taskId);
    // Types are topics of their own, between which Kafka has no order: what it has is the time of each message.
    const inOrder = messages.sort((one, other) => one.timestamp - other.timestamp);
    const events = inOrder.map(({ value }) => envelope.parse(JSON.parse(value)));
    return [...new Map(events.map(({ id, type }) => [id, type])).values()];
  };
}
