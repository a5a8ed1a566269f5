import * as z from 'zod';
import { badBulkEntryId, badBulkEvent, badBulkRequest } from '../api/apiError.ts';
import { CLOUD_EVENT, isMediaType } from './cloudEvent.ts';
import type { PreparedEvent, Publisher, PublishRequest } from './publish.ts';

/** An entry that was not accepted, as a bulk answer lists it. */
export interface FailedEntry {
  entryId: string;
  error: string;
}

/** Daprd reads field names in any case, and the JavaScript SDK relies on it: it sends `entryID`. */
const entrySchema = z.preprocess(
  (value) =>
    typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([name, field]) => [name.toLowerCase(), field]))
      : value,
  z.object({
    entryid: z.string().default(''),
    event: z.unknown().optional(),
    contenttype: z.string().default(''),
    metadata: z.record(z.string(), z.string()).nullish(),
  }),
);

type Entry = z.infer<typeof entrySchema>;

/**
 * Publishes the entries of a bulk request in their order. One that fails does not stop those behind it,
 * those with the same key included.
 * @returns the entries that were not accepted
 * @throws ApiError when the request as a whole is refused; nothing is published then
 */
export async function publishBulk(publisher: Publisher, request: PublishRequest): Promise<FailedEntry[]> {
  const { pubsubName, topic } = request;
  const entries = parseEntries(request);
  const prepared = entries.map((entry) => ({ entry, body: eventBytes(entry, request) }));
  const ids = new Set(entries.map(({ entryid }) => entryid));
  if (ids.has('') || ids.size < entries.length) throw badBulkEntryId(pubsubName, topic);

  const events = prepared.map(({ entry, body }) => prepareEntry(publisher, request, entry, body));
  const outcomes = await Promise.allSettled(events.map((event) => publisher.accept(event)));
  return outcomes.flatMap((outcome, index) =>
    outcome.status === 'rejected'
      ? [{ entryId: entries[index]?.entryid ?? '', error: String(outcome.reason.message) }]
      : [],
  );
}

function parseEntries({ pubsubName, topic, body }: PublishRequest): Entry[] {
  try {
    return z.array(entrySchema).parse(JSON.parse(body.toString('utf8')));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw badBulkRequest(pubsubName, topic, reason);
  }
}

function eventBytes({ event, contenttype }: Entry, { pubsubName, topic }: PublishRequest): Buffer {
  if (isMediaType(contenttype, 'application/json') || isMediaType(contenttype, CLOUD_EVENT)) {
    return Buffer.from(JSON.stringify(event ?? null));
  }
  const isText = contenttype.toLowerCase().startsWith('text/') || isMediaType(contenttype, 'application/xml');
  const isBinary = isMediaType(contenttype, 'application/octet-stream');
  if (typeof event !== 'string' || !(isText || isBinary)) throw badBulkEvent(pubsubName, topic);
  return Buffer.from(event, isBinary ? 'base64' : 'utf8');
}

function prepareEntry(publisher: Publisher, request: PublishRequest, entry: Entry, body: Buffer): PreparedEvent {
  const own = new Map(entry.metadata ? [...request.metadata, ...Object.entries(entry.metadata)] : []);
  // Whether events are raw is the request's choice for all of them.
  const rawPayload = request.metadata.get('rawPayload');
  const metadata = rawPayload === undefined ? own : new Map([...own, ['rawPayload', rawPayload]] as const);
  const event = publisher.prepare({ ...request, contentType: entry.contenttype, body, metadata });
  // On the way to Kafka it is the other way round: there the request's metadata replaces the entry's.
  return { ...event, metadata: new Map([...own, ...request.metadata]) };
}
