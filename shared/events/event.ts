import * as z from 'zod';
import { catalogue, type EventData, type EventType } from './catalogue.ts';

/** An event as the system's own code handles it: the payload that travels inside a CloudEvent. */
export interface TaskEvent<T extends EventType = EventType> {
  event_id: string;
  event_type: T;
  timestamp: string;
  user_id: string;
  /** Also the partition key: order holds per task. */
  task_id: string;
  data: EventData<T>;
}

/** A CloudEvents 1.0 event in structured JSON form. */
export interface CloudEvent {
  specversion: '1.0';
  id: string;
  type: EventType;
  source: string;
  subject: string;
  time: string;
  datacontenttype: 'application/json';
  data: TaskEvent;
}

/**
 * Puts an event into its envelope. The envelope's id is the event's own: Dapr would invent another one at each try,
 * and a second delivery could not be told from a second event.
 */
export function toCloudEvent(event: TaskEvent, source: string): CloudEvent {
  return {
    specversion: '1.0',
    id: event.event_id,
    type: event.event_type,
    source,
    subject: event.task_id,
    time: event.timestamp,
    datacontenttype: 'application/json',
    data: event,
  };
}

/** Reads the CloudEvent of a delivery and takes the event out, or says what is wrong with it. */
export function parseCloudEvent<T extends EventType>(type: T, envelope: unknown): z.ZodSafeParseResult<TaskEvent<T>> {
  return envelopeSchema(type).safeParse(envelope) as unknown as z.ZodSafeParseResult<TaskEvent<T>>;
}

function envelopeSchema(type: EventType) {
  const event = z.object({
    event_id: z.uuid(),
    event_type: z.literal(type),
    timestamp: z.iso.datetime(),
    user_id: z.string().min(1),
    task_id: z.uuid(),
    data: catalogue[type].data,
  });
  return z
    .object({ specversion: z.literal('1.0'), id: z.string(), type: z.literal(type), data: event })
    .refine((envelope) => envelope.id === envelope.data.event_id, 'id and data.event_id must be the same')
    .transform((envelope) => envelope.data);
}
