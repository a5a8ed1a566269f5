import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { invalid } from '../domain/errors.ts';
import type { Position, Row } from '../store/database.ts';

/** A page is one round trip and one response in memory. */
const LARGEST_PAGE = 100;
/** Room for the longest title, every character of it escaped. */
const CURSOR_LENGTH = 2048;

/** The query of a list: how many items, and where to go on. A list's own filters stand beside these. */
export const pageQuerySchema = z.strictObject({
  limit: z._default(z.coerce.number().check(z.int(), z.minimum(1), z.maximum(LARGEST_PAGE)), 50),
  cursor: z.optional(z.string().check(z.maxLength(CURSOR_LENGTH))),
});

type PageQuery = z.output<typeof pageQuerySchema>;

/** A page of a list: `next` is the cursor of the page behind it, null on the last one. */
export function pageSchema<Item extends z.core.$ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.nullable(z.string()) });
}

/** An instant in a cursor: UTC without an offset, in Postgres's full precision, and in the years that Postgres knows. */
export const cursorInstant = z.iso.datetime({ local: true }).check(
  z.maxLength('YYYY-MM-DDTHH:MM:SS.ssssss'.length),
  z.refine((instant) => instant >= '0001' && !instant.endsWith('Z')),
);

/** The position of a row in a list that stands newest first. */
export const newestFirst: z.core.$ZodType<Position> = z.tuple([cursorInstant, z.uuid()]);

/**
 * The position behind which the page begins that a cursor asks for; null for the first page. A cursor that no list gave,
 * or that a list with other filters or another order gave, is refused.
 */
export function decodeCursor<P>(query: PageQuery, position: z.core.$ZodType<P>): P | null {
  if (query.cursor === undefined) return null;
  const content = z.tuple([z.literal(fingerprintOf(query)), position]).safeParse(parseCursor(query.cursor));
  if (content.success) return content.data[1];
  const detail = 'Send the cursor that the page before this one gave as "next", with the same filters and order.';
  throw invalid({ pointer: '/cursor', detail });
}

/**
 * Makes a page from the rows that a query found, which are one more than its limit where there are more pages. Each row
 * has its place in the list as `position`: the values that the list is sorted by, the id last.
 */
export function toPage<Item>(rows: readonly Row[], query: PageQuery, toItem: (row: Row) => Item) {
  const page = rows.slice(0, query.limit);
  const more = rows.length > query.limit;
  return { items: page.map(toItem), next: more ? encodeCursor(query, page.at(-1)?.position) : null };
}

function encodeCursor(query: PageQuery, position: unknown): string {
  return Buffer.from(JSON.stringify([fingerprintOf(query), position])).toString('base64url');
}

function parseCursor(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/** Tells a list from the same one with other filters or another order. It guards against mistakes, not against forgery. */
function fingerprintOf({ limit: _limit, cursor: _cursor, ...list }: PageQuery): string {
  return createHash('sha256').update(JSON.stringify(list)).digest('base64url').slice(0, 12);
}
