import * as z from 'zod/mini';
import type { FeedCursor } from '../domain/changeFeed.ts';
import { invalid } from '../domain/errors.ts';

/** One round trip and one response in memory, as a page of a list. */
const MOST_CHANGES = 100;
/** The longest cursor has 162 characters. */
const CURSOR_LENGTH = 256;

/** The query of a feed: how many changes, and where to go on. */
export const changesQuerySchema = z.strictObject({
  limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(MOST_CHANGES)), 50),
  since: z.optional(z.string().check(z.maxLength(CURSOR_LENGTH))),
});

/** Postgres's xid8 in decimal: 64 bits without a sign. */
const transactionId = z
  .pipe(
    z.string().check(z.regex(/^(0|[1-9]\d{0,19})$/)),
    z.transform((digits: string) => BigInt(digits)),
  )
  .check(z.refine((id) => id < 2n ** 64n));

const content = z.tuple([
  z.string().check(z.regex(/^[0-9a-f]{32}$/)),
  transactionId,
  z.uuid().check(z.lowercase()),
  transactionId,
]);

/** A cursor as clients see it: base64url of JSON, and nothing that they should look into. */
export function encodeChangeCursor({ feed, position, informedTo }: FeedCursor): string {
  const values = [feed, String(position.changedIn), position.id, String(informedTo)];
  return Buffer.from(JSON.stringify(values)).toString('base64url');
}

/** The cursor that a client sends; null where it sends none. Throws `invalid` for what no feed has given out. */
export function decodeChangeCursor(since: string | undefined): FeedCursor | null {
  if (since === undefined) return null;
  const cursor = parseCursor(since);
  // What decodes to a cursor but is not how one is written is not ours either.
  if (cursor && encodeChangeCursor(cursor) === since) return cursor;
  throw invalid({
    pointer: '/since',
    detail: 'Send the cursor that the feed gave as "next", or none to read everything.',
  });
}

function parseCursor(since: string): FeedCursor | undefined {
  try {
    const [feed, changedIn, id, informedTo] = content.parse(JSON.parse(Buffer.from(since, 'base64url').toString()));
    return { feed, position: { changedIn, id }, informedTo };
  } catch {
    return undefined;
  }
}
