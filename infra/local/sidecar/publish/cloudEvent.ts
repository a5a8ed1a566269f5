import { randomUUID } from 'node:crypto';
import { joinMembers, jsonMembers } from './json.ts';
import type { TraceContext } from './traceContext.ts';

// The values that Dapr fills in (dapr/components-contrib, pubsub/envelope.go).
const DEFAULT_SOURCE = 'Dapr';
const DEFAULT_TYPE = 'com.dapr.event.sent';
const DEFAULT_DATA_CONTENT_TYPE = 'text/plain';
const SPEC_VERSION = '1.0';

/** An event on its way into a topic. */
export interface OutgoingEvent {
  pubsubName: string;
  topic: string;
  /** The publishing app, which becomes the source of what is not a CloudEvent yet. */
  appId: string;
  contentType: string;
  body: Buffer;
  metadata: ReadonlyMap<string, string>;
  trace: TraceContext;
  now: Date;
}

/** Is this the media type `expected`, with or without parameters? */
export function isMediaType(contentType: string, expected: string): boolean {
  return contentType.toLowerCase().split(';', 1)[0] === expected;
}

/** The media type of a CloudEvent in JSON (CloudEvents 1.0, JSON event format, section 3). */
export const CLOUD_EVENT = 'application/cloudevents+json';

/**
 * Makes the CloudEvent that is kept and delivered: what came as a CloudEvent is completed, anything else is wrapped.
 * @throws SyntaxError when it came as a CloudEvent and is not a JSON object
 */
export function toCloudEvent(event: OutgoingEvent): string {
  const members = isMediaType(event.contentType, CLOUD_EVENT) ? complete(event) : wrap(event);
  const expiration = expirationOf(event);
  if (expiration) members.set('expiration', JSON.stringify(expiration));
  return joinMembers(members);
}

/** Wraps a raw payload for a subscription with `rawPayload: "true"`; its id is new with every delivery. */
export function wrapRawPayload(payload: Buffer, pubsubName: string, topic: string): string {
  return JSON.stringify({
    data_base64: payload.toString('base64'),
    datacontenttype: 'application/octet-stream',
    id: randomUUID(),
    pubsubname: pubsubName,
    source: DEFAULT_SOURCE,
    specversion: SPEC_VERSION,
    topic,
    type: DEFAULT_TYPE,
  });
}

function complete({ body, pubsubName, topic, trace, now }: OutgoingEvent): Map<string, string> {
  const members = jsonMembers(body.toString('utf8'));
  const set = (name: string, value: string) => members.set(name, JSON.stringify(value));
  const fillIn = (name: string, value: string) => {
    if ((members.get(name) ?? 'null') === 'null') set(name, value);
  };
  if (!members.has('time')) set('time', rfc3339(now));
  // An event that has a traceid keeps it and its traceparent; one with a traceparent alone loses it.
  if (!members.has('traceid')) {
    set('traceid', trace.traceparent);
    set('traceparent', trace.traceparent);
  }
  if (!members.has('tracestate')) set('tracestate', trace.tracestate);
  set('topic', topic);
  set('pubsubname', pubsubName);
  fillIn('source', DEFAULT_SOURCE);
  fillIn('type', DEFAULT_TYPE);
  fillIn('specversion', SPEC_VERSION);
  return members;
}

function wrap(event: OutgoingEvent): Map<string, string> {
  const override = cloudEventOverrides(event.metadata);
  const traceparent = override('traceparent') ?? override('traceid') ?? event.trace.traceparent;
  const datacontenttype = event.contentType || DEFAULT_DATA_CONTENT_TYPE;
  const subject = override('subject');
  const attributes: Record<string, string> = {
    id: override('id') ?? randomUUID(),
    specversion: SPEC_VERSION,
    datacontenttype,
    source: override('source') ?? event.appId,
    type: override('type') ?? DEFAULT_TYPE,
    topic: event.topic,
    pubsubname: event.pubsubName,
    traceid: traceparent,
    traceparent,
    tracestate: override('tracestate') ?? event.trace.tracestate,
    time: rfc3339(event.now),
    ...(subject && { subject }),
  };
  const members = new Map(Object.entries(attributes).map(([name, value]) => [name, JSON.stringify(value)]));
  return members.set(...dataMember(datacontenttype, event.body));
}

/** Request metadata such as `cloudevent.id`, in whatever case, replaces an attribute of a wrapped event. */
function cloudEventOverrides(metadata: ReadonlyMap<string, string>): (attribute: string) => string | undefined {
  const lowerCase = new Map([...metadata].map(([name, value]) => [name.toLowerCase(), value]));
  return (attribute) => lowerCase.get(`cloudevent.${attribute}`) || undefined;
}

function dataMember(contentType: string, body: Buffer): [name: string, json: string] {
  if (isMediaType(contentType, 'application/octet-stream')) {
    return ['data_base64', JSON.stringify(body.toString('base64'))];
  }
  const text = body.toString('utf8');
  const isJson = isMediaType(contentType, 'application/json') && isJsonText(text);
  return ['data', isJson ? text : JSON.stringify(text)];
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function expirationOf({ metadata, now }: OutgoingEvent): string | undefined {
  const seconds = Number(metadata.get('ttlInSeconds') ?? '');
  if (!Number.isInteger(seconds) || seconds <= 0) return undefined;
  return rfc3339(new Date(now.getTime() + seconds * 1000));
}

function rfc3339(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, 'Z');
}
