import * as z from 'zod/mini';
import '../domain/english.ts';
import { foreignName } from '../domain/text.ts';
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

/** What an event comes from. */
export interface Origin {
  /** CloudEvents `source`: `/evolution-todo/<function>`. */
  source: string;
  /** W3C `traceparent` of the work that wrote it. */
  trace?: string;
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
  /**
   * Its origin's trace, in an extension attribute of this system: CloudEvents' own `traceparent` is overwritten by Dapr
   * with that of the publish request.
   */
  tracecontext?: string;
  data: TaskEvent;
}

/**
 * Puts an event into its envelope. The envelope's id is the event's own: Dapr would invent another one at each try,
 * and a second delivery could not be told from a second event.
 */
export function toCloudEvent(event: TaskEvent, { source, trace }: Origin): CloudEvent {
  return {
    specversion: '1.0',
    id: event.event_id,
    type: event.event_type,
    source,
    subject: event.task_id,
    time: event.timestamp,
    datacontenttype: 'application/json',
    ...(trace !== undefined && { tracecontext: trace }),
    data: event,
  };
}

/** Reads the CloudEvent of a delivery and takes the event out, or says what is wrong with it. */
export function parseCloudEvent<T extends EventType>(
  type: T,
  envelope: unknown,
): z.core.util.SafeParseResult<TaskEvent<T>> {
  const schema = envelopeSchemas.get(type) ?? envelopeSchema(type);
  envelopeSchemas.set(type, schema);
  return schema.safeParse(envelope) as unknown as z.core.util.SafeParseResult<TaskEvent<T>>;
}

/** Made when the first event of a type is read: making one takes longer than reading it. */
const envelopeSchemas = new Map<EventType, ReturnType<typeof envelopeSchema>>();

/** The trace that an envelope says it belongs to, be it an event or not. */
export function tracecontextOf(envelope: unknown): string | undefined {
  return tracecontextSchema.safeParse(envelope).data?.tracecontext;
}

const tracecontextSchema = z.object({ tracecontext: z.string() });

/** What is wrong with an envelope, or with what `whole` names, in one line that quotes nothing of it. */
export function describeFaults({ issues }: z.core.$ZodError, whole = 'event'): string {
  const faults = issues.slice(0, FAULTS_TOLD).map(({ path, message }) => `${path.join('.') || whole}: ${message}`);
  const others = issues.length - faults.length;
  return others > 0 ? `${faults.join('; ')}; and ${others} more` : faults.join('; ');
}

/** Enough to see what is wrong, few enough for a line: a list of a thousand entries can have a fault in each. */
const FAULTS_TOLD = 5;

/** What an envelope says of itself, be it an event or not. What it does not say, or not in a usable way, is null. */
export interface Claims {
  eventId: string | null;
  eventType: string | null;
  userId: string | null;
  taskId: string | null;
}

/** Reads what can be read of an envelope, whatever it is. */
export function claimsOf(envelope: unknown): Claims {
  const { id, type, subject, data } = claimsSchema.parse(envelope);
  return { eventId: id, eventType: type, userId: data.user_id, taskId: subject };
}

const claimsSchema = z.catch(
  z.object({
    id: foreignName,
    type: foreignName,
    subject: foreignName,
    data: z.catch(z.object({ user_id: foreignName }), { user_id: null }),
  }),
  { id: null, type: null, subject: null, data: { user_id: null } },
);

/** The payload of an event of a type. */
export function eventSchema(type: EventType) {
  return z.object({
    event_id: z.uuid(),
    event_type: z.literal(type),
    timestamp: z.iso.datetime(),
    user_id: z.string().check(z.minLength(1)),
    task_id: z.uuid(),
    data: catalogue[type].data(),
  });
}

function envelopeSchema(type: EventType) {
  return z.pipe(
    z
      .object({ specversion: z.literal('1.0'), id: z.string(), type: z.literal(type), data: eventSchema(type) })
      .check(z.refine((envelope) => envelope.id === envelope.data.event_id, 'id and data.event_id must be the same')),
    z.transform((envelope) => envelope.data),
  );
}
