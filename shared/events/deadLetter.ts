import { createHash } from 'node:crypto';
import { catalogue, eventTypes } from './catalogue.ts';
import { type Claims, type CloudEvent, claimsOf, describeFaults, parseCloudEvent } from './event.ts';

/** A message that came to its end in a dead-letter topic. */
export interface DeadLetter {
  /** The topic that it was published to at first. */
  topic: string;
  /** Its partition key; null where it has none. */
  key: string | null;
  /** The message as it was published; null where it is too large to be kept. */
  payload: Buffer | null;
  /** Where it is in its dead-letter topic. */
  position: string;
}

/** What reading a letter tells. */
export interface LetterDescription extends Claims {
  /** The same whenever the same letter comes: at least once means that some come twice. */
  id: string;
  /** Why it is no event of its topic; null where it is one. */
  fault: string | null;
}

/** Reads a letter, whatever it is, and gives it an id. */
export function describeLetter(letter: DeadLetter): LetterDescription {
  const { topic, payload, position } = letter;
  const { envelope, event, fault } = openLetter(letter);
  const claims = claimsOf(envelope);
  // An event that comes back after it was replayed may have other bytes; what is no event may have another's id.
  if (event) return { ...claims, id: letterId(topic, 'event', event.id), fault: null };
  if (payload) return { ...claims, id: letterId(topic, 'message', payload), fault };
  return { ...claims, id: letterId(topic, 'position', position), fault: `${fault} It is at ${position}.` };
}

/** The event in a letter, to be published again; or why it can't be. */
export function eventToReplay({ topic, payload }: Pick<DeadLetter, 'topic' | 'payload'>) {
  const { event, fault } = openLetter({ topic, payload });
  return event ? { event: { ...withoutDaprs(event), subject: event.data.task_id } } : { fault };
}

type OpenedLetter = { envelope: unknown; event: CloudEvent; fault: null } | Unreadable;
type Unreadable = { envelope?: unknown; event?: undefined; fault: string };

function openLetter({ topic, payload }: Pick<DeadLetter, 'topic' | 'payload'>): OpenedLetter {
  if (!payload) return { fault: 'It is too large to be kept.' };
  const envelope = parseJson(payload);
  if (envelope === undefined) return { fault: 'It is not JSON in UTF-8.' };
  const type = eventTypes.find((type) => catalogue[type].topic === topic);
  if (!type) return { envelope, fault: `No event belongs to the topic ${topic}.` };
  const { error } = parseCloudEvent(type, envelope);
  return error ? { envelope, fault: describeFaults(error) } : { envelope, event: envelope as CloudEvent, fault: null };
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return undefined;
  }
}

/** Attributes that Dapr gave the event when it was published, and will give it again; but it is not to expire again. */
const DAPRS = ['topic', 'pubsubname', 'traceid', 'traceparent', 'tracestate', 'expiration'];

function withoutDaprs(event: CloudEvent): CloudEvent {
  return Object.fromEntries(Object.entries(event).filter(([name]) => !DAPRS.includes(name))) as unknown as CloudEvent;
}

/** A UUID made of a hash (version 8, RFC 9562, section 5.8). */
function letterId(topic: string, kind: 'event' | 'message' | 'position', content: string | Buffer): string {
  const hex = createHash('sha256').update(`${topic}\0${kind}\0`).update(content).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
